//! Connections that come in crowds, say nothing, say it slowly, or do not listen.

use std::time::Duration;

use wigwag_sip::{transaction::Failure, wire::Method};
use wigwag_sip_io::{Config, Destination, Limits, Transport};

use crate::peer::{Heard, Peer, RawTcp, config, raw, request};

fn with(limits: Limits) -> Peer {
    Peer::start(Config {
        limits,
        ..config(&[Transport::Tcp])
    })
}

#[tokio::test]
async fn who_says_nothing_is_disconnected() {
    let mut bob = with(Limits {
        patience: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut alice = RawTcp::towards(bob.address(Transport::Tcp)).await;
    assert!(alice.is_closed().await);
    assert!(matches!(bob.hears().await, Heard::Closed(_)));
    assert_eq!(bob.endpoint.metrics().connections_dropped.value(), 1);
}

#[tokio::test]
async fn who_stops_in_the_middle_of_a_message_is_disconnected() {
    let mut bob = with(Limits {
        patience: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut alice = RawTcp::towards(bob.address(Transport::Tcp)).await;
    let whole = raw("OPTIONS", "TCP 127.0.0.1", "");
    alice.send(format!("{whole}{}", &whole[..40])).await;
    let incoming = bob.hears_request().await;
    assert!(alice.is_closed().await, "though it has sent a whole message before");
    assert!(matches!(bob.hears().await, Heard::Closed(flow) if flow == incoming.flow.id));
}

#[tokio::test]
async fn pings_do_not_keep_a_stranger() {
    let bob = with(Limits {
        patience: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut alice = RawTcp::towards(bob.address(Transport::Tcp)).await;
    alice.send(b"\r\n\r\n").await;
    assert_eq!(alice.receive().await, b"\r\n");
    assert!(alice.is_closed().await);
}

#[tokio::test]
async fn strangers_of_one_source_are_few_and_signing_in_makes_room() {
    let mut bob = with(Limits {
        strangers_per_source: 2,
        ..Limits::default()
    });
    let mut known = RawTcp::towards(bob.address(Transport::Tcp)).await;
    known.send(raw("OPTIONS", "TCP 127.0.0.1", "")).await;
    let incoming = bob.hears_request().await;
    let _second = RawTcp::towards(bob.address(Transport::Tcp)).await;
    let mut third = RawTcp::towards(bob.address(Transport::Tcp)).await;
    assert!(third.is_closed().await);
    assert_eq!(bob.endpoint.metrics().connections_refused.value(), 1);
    bob.endpoint.authenticated(&incoming.flow.id);
    let mut fourth = RawTcp::towards(bob.address(Transport::Tcp)).await;
    fourth.send(raw("REGISTER", "TCP 127.0.0.1", "")).await;
    let incoming = bob.hears_request().await;
    bob.respond(&incoming, 200);
    assert_eq!(fourth.receive_status().await, 200);
}

#[tokio::test]
async fn there_are_no_more_connections_than_allowed() {
    let bob = with(Limits {
        connections: 1,
        ..Limits::default()
    });
    let mut first = RawTcp::towards(bob.address(Transport::Tcp)).await;
    first.send(b"\r\n\r\n").await;
    assert_eq!(first.receive().await, b"\r\n");
    assert!(RawTcp::towards(bob.address(Transport::Tcp)).await.is_closed().await);
}

#[tokio::test]
async fn who_does_not_read_is_disconnected_when_its_queue_is_full() {
    let mut bob = with(Limits {
        unsent_bytes: 1_000,
        ..Limits::default()
    });
    let mut alice = RawTcp::towards(bob.address(Transport::Tcp)).await;
    alice.send(raw("OPTIONS", "TCP 127.0.0.1", "")).await;
    let incoming = bob.hears_request().await;
    let large = request(Method::Message, "x")
        .body("text/plain", "x".repeat(2_000))
        .build();
    bob.request(1, &Destination::Flow(incoming.flow.id), &large);
    assert!(matches!(bob.hears().await, Heard::Failed(1, Failure::Transport)));
    assert!(alice.is_closed().await);
    assert!(matches!(bob.hears().await, Heard::Closed(_)));
}
