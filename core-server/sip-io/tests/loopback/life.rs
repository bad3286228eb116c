//! Beginning, end, and connections that somebody else carries.

use wigwag_sip::{transaction::Failure, wire::Method};
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
