//! A request and its response over every transport and address family.

use std::net::SocketAddr;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use wigwag_sip::{
    transaction::Failure,
    wire::{Method, header::Via},
};
use wigwag_sip_io::{Config, Destination, Listen, Tls, Transport};

use crate::peer::{Heard, Peer, RawTcp, RawUdp, config, listen, raw, request, soon};

/// Two peers with a certificate that both trust, on one address each.
fn peers(transport: Transport, address: SocketAddr) -> (Peer, Peer) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["127.0.0.1".to_owned(), "::1".to_owned()]).expect("a certificate");
    let (chain, key) = (cert.pem(), signing_key.serialize_pem());
    let tls = Tls::from_pem(chain.as_bytes(), key.as_bytes(), chain.as_bytes()).expect("it is well-formed");
    let config = Config {
        listen: vec![Listen { transport, address }],
        tls: Some(tls),
        ..Config::default()
    };
    (Peer::start(config.clone()), Peer::start(config))
}

async fn a_request_is_answered(transport: Transport, address: &str) {
    let (mut alice, mut bob) = peers(transport, address.parse().expect("an address"));
    let to = bob.destination(transport);
    for owner in 1..=2 {
        alice.request(owner, &to, &request(Method::Options, "one").build());
        let incoming = bob.hears_request().await;
        assert_eq!(incoming.flow.transport, transport);
        let via: Via = incoming.request.require().expect("it was sent");
        assert_eq!(via.port(), Some(alice.address(transport).port()));
        assert_eq!(via.rport(), Some(incoming.flow.remote.port()));
        bob.respond(&incoming, 200);
        assert_eq!(alice.hears_status(owner).await, 200);
        let back = Destination::Flow(incoming.flow.id);
        bob.request(10 + owner, &back, &request(Method::Notify, "two").build());
        let incoming = alice.hears_request().await;
        alice.respond(&incoming, 481);
        assert_eq!(bob.hears_status(10 + owner).await, 481);
    }
    let connections = if transport == Transport::Udp { 0 } else { 1 };
    assert_eq!(
        bob.endpoint.metrics().connections.value(),
        connections,
        "the connection is used again"
    );
}

#[tokio::test]
async fn udp() {
    a_request_is_answered(Transport::Udp, "127.0.0.1:0").await;
}

#[tokio::test]
async fn udp_over_ipv6() {
    a_request_is_answered(Transport::Udp, "[::1]:0").await;
}

#[tokio::test]
async fn tcp() {
    a_request_is_answered(Transport::Tcp, "127.0.0.1:0").await;
}

#[tokio::test]
async fn tcp_over_ipv6() {
    a_request_is_answered(Transport::Tcp, "[::1]:0").await;
}

#[tokio::test]
async fn tls() {
    a_request_is_answered(Transport::Tls, "127.0.0.1:0").await;
}

#[tokio::test]
async fn tls_over_ipv6() {
    a_request_is_answered(Transport::Tls, "[::1]:0").await;
}

#[tokio::test]
async fn a_wildcard_socket_answers_from_the_address_that_was_asked() {
    for (any, asked) in [("0.0.0.0:0", "127.0.0.2"), ("[::]:0", "::1")] {
        let address: SocketAddr = any.parse().expect("an address");
        let listen = vec![Listen {
            transport: Transport::Udp,
            address,
        }];
        let mut bob = Peer::start(Config {
            listen,
            ..Config::default()
        });
        let asked = SocketAddr::new(asked.parse().expect("an address"), bob.address(Transport::Udp).port());
        // The connected socket takes datagrams from the address asked only.
        let alice = RawUdp::towards(asked).await;
        alice.send(raw("OPTIONS", "UDP 192.0.2.9;rport", "")).await;
        let incoming = bob.hears_request().await;
        assert_eq!(incoming.flow.local, asked);
        bob.respond(&incoming, 200);
        assert_eq!(alice.receive_response().await.status().as_u16(), 200);
        bob.request(
            1,
            &Destination::Flow(incoming.flow.id),
            &request(Method::Options, "x").build(),
        );
        assert!(alice.receive().await.starts_with(b"OPTIONS"));
    }
}

#[tokio::test]
async fn a_wildcard_socket_names_the_address_of_the_route() {
    let listen = vec![Listen {
        transport: Transport::Udp,
        address: SocketAddr::from(([0, 0, 0, 0], 0)),
    }];
    let alice = Peer::start(Config {
        listen,
        ..Config::default()
    });
    let mut bob = Peer::start(config(&[Transport::Udp]));
    alice.request(
        1,
        &bob.destination(Transport::Udp),
        &request(Method::Options, "x").build(),
    );
    let via: Via = bob.hears_request().await.request.require().expect("it was sent");
    assert_eq!(via.host().to_string(), "127.0.0.1");
}

#[tokio::test]
async fn a_refused_connection_fails_the_request_at_once() {
    let mut alice = Peer::start(config(&[Transport::Udp]));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = nobody.local_addr().expect("it is bound");
    drop(nobody);
    let to = Destination::Address {
        transport: Transport::Tcp,
        address,
    };
    alice.request(7, &to, &request(Method::Invite, "x").build());
    assert!(matches!(alice.hears().await, Heard::Failed(7, Failure::Transport)));
    assert!(matches!(alice.hears().await, Heard::Closed(_)));
    assert_eq!(alice.endpoint.metrics().connections.value(), 0);
}

#[tokio::test]
async fn an_untrusted_certificate_fails_the_request() {
    let (mut alice, _) = peers(Transport::Tls, SocketAddr::from(([127, 0, 0, 1], 0)));
    let (_, stranger) = peers(Transport::Tls, SocketAddr::from(([127, 0, 0, 1], 0)));
    alice.request(
        7,
        &stranger.destination(Transport::Tls),
        &request(Method::Invite, "x").build(),
    );
    assert!(matches!(alice.hears().await, Heard::Failed(7, Failure::Transport)));
}

#[tokio::test]
async fn a_final_response_finds_a_client_whose_connection_has_ended() {
    let mut bob = Peer::start(config(&[Transport::Tcp]));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let mut alice = RawTcp::towards(bob.address(Transport::Tcp)).await;
    alice
        .send(raw("OPTIONS", &format!("TCP 127.0.0.1:{port};rport"), ""))
        .await;
    let incoming = bob.hears_request().await;
    drop(alice);
    assert!(matches!(bob.hears().await, Heard::Closed(flow) if flow == incoming.flow.id));
    bob.respond(&incoming, 200);
    let (stream, _) = soon(listener.accept()).await.expect("the server connects");
    assert_eq!(RawTcp(stream).receive_status().await, 200);
}

#[tokio::test]
async fn port_0_is_told_as_the_real_port() {
    let peer = Peer::start(config(&[Transport::Udp, Transport::Tcp, Transport::Udp]));
    let listening = peer.endpoint.listening();
    assert_eq!(listening.len(), 3);
    assert!(listening.iter().all(|listen| listen.address.port() != 0));
    assert_eq!(listen(Transport::Udp).address.port(), 0);
}
