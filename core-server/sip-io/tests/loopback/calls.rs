//! INVITEs: refused, accepted, cancelled, unanswered.

use wigwag_sip::{
    transaction::{Failure, Timers},
    wire::{Header, HeaderName, Method, Response, StatusCode, header::Reason},
};
use wigwag_sip_io::{Config, Transport, Verdict};

use crate::peer::{Heard, Peer, RawUdp, answer, config, header, raw, request};

const QUICK: Timers = Timers {
    t1_ms: 5,
    t2_ms: 10,
    t4_ms: 10,
};

#[tokio::test]
async fn a_refused_invite_is_acknowledged_below_the_user() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (mut alice, mut bob) = (Peer::start(config(&[transport])), Peer::start(config(&[transport])));
        alice.request(1, &bob.destination(transport), &request(Method::Invite, "x").build());
        let incoming = bob.hears_request().await;
        assert_eq!(alice.hears_status(1).await, 100);
        bob.respond(&incoming, 180);
        bob.respond(&incoming, 486);
        assert_eq!(alice.hears_status(1).await, 180);
        assert_eq!(alice.hears_status(1).await, 486);
        alice.request(2, &bob.destination(transport), &request(Method::Options, "x").build());
        assert!(matches!(bob.hears().await, Heard::Request(next) if *next.request.method() == Method::Options));
        let acks = bob
            .endpoint
            .metrics()
            .received
            .requests()
            .find(|(method, _)| *method == "ACK");
        assert_eq!(acks, Some(("ACK", 1)));
    }
}

#[tokio::test]
async fn an_accepted_invite_is_acknowledged_by_the_user() {
    let (mut alice, mut bob) = (
        Peer::start(config(&[Transport::Udp])),
        Peer::start(config(&[Transport::Udp])),
    );
    let to = bob.destination(Transport::Udp);
    alice.request(1, &to, &request(Method::Invite, "x").build());
    let incoming = bob.hears_request().await;
    bob.respond(&incoming, 200);
    bob.respond(&incoming, 200);
    for status in [100, 200, 200] {
        assert_eq!(alice.hears_status(1).await, status, "the user hears of every 2xx");
    }
    alice
        .endpoint
        .send(&to, &request(Method::Ack, "x").build())
        .expect("there is a way");
    let Heard::Ack(ack) = bob.hears().await else {
        panic!("the user hears the ACK")
    };
    assert_ne!(
        ack.header(HeaderName::Via),
        incoming.request.header(HeaderName::Via),
        "it has a branch of its own"
    );
}

#[tokio::test]
async fn a_cancelled_invite_ends_with_487() {
    let (mut alice, mut bob) = (
        Peer::start(config(&[Transport::Tcp])),
        Peer::start(config(&[Transport::Tcp])),
    );
    let key = alice.request(
        1,
        &bob.destination(Transport::Tcp),
        &request(Method::Invite, "x").build(),
    );
    let reason = Reason::parse(b"SIP;cause=200;text=\"Call completed elsewhere\"").expect("a reason");
    let left_at_once = alice.endpoint.cancel(key, Some(reason.clone()));
    assert!(left_at_once.is_none(), "no provisional response has come yet");
    let incoming = bob.hears_request().await;
    let Heard::Cancelled(invite, cancel) = bob.hears().await else {
        panic!("the user hears the CANCEL")
    };
    assert_eq!(invite, incoming.key);
    assert_eq!(cancel.require::<Reason>(), Ok(reason));
    bob.respond(&incoming, 487);
    assert_eq!(alice.hears_status(1).await, 100);
    assert_eq!(alice.hears_status(1).await, 487);
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let mut alice = Peer::start(Config {
        timers: QUICK,
        ..config(&[Transport::Udp])
    });
    let deaf = RawUdp::towards(alice.address(Transport::Udp)).await;
    let address = deaf.0.local_addr().expect("it is bound");
    let to = wigwag_sip_io::Destination::Address {
        transport: Transport::Udp,
        address,
    };
    alice.request(1, &to, &request(Method::Invite, "x").build());
    alice.request(2, &to, &request(Method::Bye, "y").build());
    for _ in 0..2 {
        assert!(matches!(alice.hears().await, Heard::Failed(1 | 2, Failure::Timeout)));
    }
    assert!(deaf.receive().await.starts_with(b"INVITE"));
}

#[tokio::test]
async fn a_repeated_request_is_heard_once_and_answered_again() {
    let mut bob = Peer::start(config(&[Transport::Udp]));
    let alice = RawUdp::towards(bob.address(Transport::Udp)).await;
    let register = raw("REGISTER", "UDP 192.0.2.9;rport", "");
    alice.send(&register).await;
    let incoming = bob.hears_request().await;
    bob.respond(&incoming, 200);
    let first = alice.receive().await;
    alice.send(&register).await;
    assert_eq!(alice.receive().await, first);
    assert_eq!(bob.endpoint.tally().absorbed, 1);
    assert!(bob.hears_nothing_yet());
}

#[tokio::test]
async fn what_is_answered_without_transaction_leaves_nothing() {
    let challenge = |request: &wigwag_sip::wire::Request| Verdict::Reply(answer(request, 401));
    let bob = Peer::start_with(config(&[Transport::Udp]), challenge);
    let alice = RawUdp::towards(bob.address(Transport::Udp)).await;
    for _ in 0..3 {
        assert_eq!(alice.ask(raw("INVITE", "UDP 192.0.2.9;rport", "")).await, 401);
    }
    assert_eq!(bob.endpoint.transactions(), 0);
}

#[tokio::test]
async fn a_full_endpoint_says_503_and_when_to_try_again() {
    let limits = wigwag_sip_io::Limits {
        transactions: 16,
        ..Default::default()
    };
    let mut bob = Peer::start(Config {
        limits,
        ..config(&[Transport::Udp])
    });
    let alice = RawUdp::towards(bob.address(Transport::Udp)).await;
    alice.send(raw("OPTIONS", "UDP 192.0.2.9;rport", "")).await;
    let first = bob.hears_request().await;
    alice.send(raw("MESSAGE", "UDP 192.0.2.9;rport", "")).await;
    bob.hears_request().await;
    alice.send(raw("REGISTER", "UDP 192.0.2.9;rport", "")).await;
    let refusal: Response = alice.receive_response().await;
    assert_eq!(refusal.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header::<wigwag_sip::wire::header::RetryAfter>(&refusal).seconds(), 5);
    assert_eq!(bob.endpoint.metrics().overloaded.value(), 1);
    bob.respond(&first, 200);
    assert_eq!(alice.receive_response().await.status(), StatusCode::OK);
}
