//! Keep-alives: CRLF pings on streams and datagrams, STUN on the SIP port.

use wigwag_sip_io::Transport;

use crate::peer::{Peer, RawTcp, RawUdp, config};

#[tokio::test]
async fn a_ping_gets_a_pong() {
    let bob = Peer::start(config(&[Transport::Udp, Transport::Tcp]));
    let datagrams = RawUdp::towards(bob.address(Transport::Udp)).await;
    datagrams.send(b"\r\n\r\n").await;
    assert_eq!(datagrams.receive().await, b"\r\n");
    let mut stream = RawTcp::towards(bob.address(Transport::Tcp)).await;
    stream.send(b"\r\n\r\n").await;
    assert_eq!(stream.receive().await, b"\r\n");
    assert_eq!(bob.endpoint.metrics().keep_alives.value(), 2);
}

#[tokio::test]
async fn a_binding_request_learns_its_address() {
    let bob = Peer::start(config(&[Transport::Udp]));
    let alice = RawUdp::towards(bob.address(Transport::Udp)).await;
    alice.send(b"\x00\x01\x00\x00\x21\x12\xa4\x42twelve bytes").await;
    let answer = alice.receive().await;
    assert_eq!(answer[..8], *b"\x01\x01\x00\x0c\x21\x12\xa4\x42");
    assert_eq!(answer[8..20], *b"twelve bytes");
    let port = alice.0.local_addr().expect("it is bound").port() ^ 0x2112;
    assert_eq!(answer[26..28], port.to_be_bytes());
    assert_eq!(answer[28..32], [127 ^ 0x21, 0x12, 0xa4, 1 ^ 0x42]);
}
