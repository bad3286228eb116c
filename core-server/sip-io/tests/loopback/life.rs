//! Beginning, end, and connections that somebody else carries.

use bytes::Bytes;
use wigwag_sip::{
    transaction::Failure,
    wire::{Message, Method},
};
use wigwag_sip_io::{Destination, SendError, Transport};

use crate::peer::{Heard, Peer, RawTcp, config, raw, request, soon};

#[tokio::test]
async fn shutting_down_sends_what_is_written_and_closes_everything() {
    let mut bob = Peer::start(config(&[Transport::Udp, Transport::Tcp]));
    let mut alice = RawTcp::towards(bob.address(Transport::Tcp)).await;
    alice.send(raw("OPTIONS", "TCP 127.0.0.1", "")).await;
    let incoming = bob.hears_request().await;
    bob.respond(&incoming, 200);
    soon(bob.endpoint.shutdown()).await;
    assert_eq!(alice.receive_status().await, 200);
    assert!(alice.is_closed().await);
    assert_eq!(bob.endpoint.metrics().connections.value(), 0);
    soon(bob.endpoint.shutdown()).await;
}

#[tokio::test]
async fn a_closed_flow_fails_what_waits_on_it_and_takes_no_more() {
    let (mut alice, mut bob) = (
        Peer::start(config(&[Transport::Tcp])),
        Peer::start(config(&[Transport::Tcp])),
    );
    alice.request(
        1,
        &bob.destination(Transport::Tcp),
        &request(Method::Options, "x").build(),
    );
    let flow = bob.hears_request().await.flow.id;
    bob.endpoint.close(&flow);
    assert!(matches!(bob.hears().await, Heard::Closed(closed) if closed == flow));
    assert!(matches!(alice.hears().await, Heard::Failed(1, Failure::Transport)));
    assert!(matches!(alice.hears().await, Heard::Closed(_)));
    let options = request(Method::Options, "y").build();
    assert_eq!(
        bob.endpoint.request(2, &Destination::Flow(flow), &options),
        Err(SendError::FlowEnded)
    );
}

#[tokio::test]
async fn an_attached_connection_is_a_flow_like_any_other() {
    let mut bob = Peer::start(config(&[Transport::Udp]));
    let (local, remote) = ("192.0.2.1:443".parse().unwrap(), "192.0.2.2:40000".parse().unwrap());
    let socket = bob
        .endpoint
        .attach(Transport::Wss, local, remote)
        .expect("there is room");
    socket.receive(Bytes::from(raw("REGISTER", "WSS df7jal23ls0d.invalid;rport", "")));
    let incoming = bob.hears_request().await;
    assert_eq!(
        (incoming.flow.transport, incoming.flow.remote),
        (Transport::Wss, remote)
    );
    bob.respond(&incoming, 200);
    let packet = soon(socket.outgoing()).await.expect("the connection lives");
    assert!(matches!(Message::parse(packet), Ok(Message::Response(_))));
    socket.receive(Bytes::from_static(b"\r\n\r\n"));
    assert_eq!(soon(socket.outgoing()).await.as_deref(), Some(&b"\r\n"[..]));
    bob.endpoint.close(&incoming.flow.id);
    assert_eq!(soon(socket.outgoing()).await, None);
    drop(socket);
    assert!(matches!(bob.hears().await, Heard::Closed(flow) if flow == incoming.flow.id));
}
