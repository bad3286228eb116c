//! SIP over WebSockets: what a peer may send, what it gets, and how it ends (RFC 7118, RFC 6455 §7.4).

use std::{io, net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncWriteExt, DuplexStream, duplex},
    sync::oneshot,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message as Frame,
        protocol::{Role, frame::coding::CloseCode},
    },
};
use wigwag_sip::wire::Method;
use wigwag_sip_io::{Config, Destination, Limits, Transport};

use crate::peer::{Heard, Peer, raw, request, response, soon};

/// A browser that has been let in by some HTTP server.
struct Browser(WebSocketStream<DuplexStream>);

impl Browser {
    async fn towards(peer: &Peer) -> Self {
        let (ours, theirs) = duplex(4_096);
        attach(peer, async { Ok(theirs) });
        Browser(WebSocketStream::from_raw_socket(ours, Role::Client, None).await)
    }

    async fn send(&mut self, frame: Frame) {
        soon(self.0.send(frame)).await.expect("the connection is open");
    }

    async fn receives(&mut self) -> Frame {
        soon(self.0.next())
            .await
            .expect("the connection is open")
            .expect("it is sound")
    }

    async fn receives_status(&mut self) -> u16 {
        let Frame::Text(text) = self.receives().await else {
            panic!("text is received");
        };
        response(text.as_bytes().to_vec()).status().as_u16()
    }

    /// The code with which the other side ends the connection.
    async fn is_closed(&mut self) -> CloseCode {
        loop {
            match self.receives().await {
                Frame::Close(frame) => return frame.expect("a reason is named").code,
                Frame::Ping(_) => {}
                Frame::Text(_) | Frame::Binary(_) | Frame::Pong(_) | Frame::Frame(_) => panic!("the end comes first"),
            }
        }
    }
}

fn attach(peer: &Peer, upgrade: impl Future<Output = io::Result<DuplexStream>> + Send + 'static) {
    let (local, remote): (SocketAddr, SocketAddr) = (([127, 0, 0, 1], 80).into(), ([127, 0, 0, 1], 4_000).into());
    peer.endpoint
        .attach_web_socket(Transport::Ws, local, remote, upgrade)
        .expect("there is room");
}

fn with(limits: Limits) -> Peer {
    Peer::start(Config {
        limits,
        ..Config::default()
    })
}

fn options() -> Frame {
    Frame::text(raw("OPTIONS", "WS df7jal23ls0d.invalid", ""))
}

#[tokio::test]
async fn requests_are_answered_on_the_connection_whatever_host_their_via_names() {
    let mut bob = with(Limits::default());
    let mut browser = Browser::towards(&bob).await;
    browser.send(options()).await;
    let incoming = bob.hears_request().await;
    assert_eq!(incoming.flow.transport, Transport::Ws);
    bob.respond(&incoming, 200);
    assert_eq!(browser.receives_status().await, 200);
    bob.request(
        1,
        &Destination::Flow(incoming.flow.id),
        &request(Method::Notify, "back").build(),
    );
    let Frame::Text(text) = browser.receives().await else {
        panic!("text is received");
    };
    assert!(text.starts_with("NOTIFY ") && text.contains("Via: SIP/2.0/WS 127.0.0.1:80;"));
    bob.endpoint.close(&incoming.flow.id);
    assert!(soon(browser.0.next()).await.is_none_or(|end| end.is_err()));
}

#[tokio::test]
async fn binary_messages_are_understood_too() {
    let mut bob = with(Limits::default());
    let mut browser = Browser::towards(&bob).await;
    let whole = raw("OPTIONS", "WS a.invalid", "");
    browser.send(Frame::binary(whole.clone().into_bytes())).await;
    let incoming = bob.hears_request().await;
    bob.respond(&incoming, 486);
    assert_eq!(browser.receives_status().await, 486);
}

#[tokio::test]
async fn keep_alives_of_both_kinds_are_answered() {
    let bob = with(Limits::default());
    let mut browser = Browser::towards(&bob).await;
    browser.send(Frame::text("\r\n\r\n")).await;
    assert_eq!(browser.receives().await, Frame::text("\r\n"));
    browser.send(Frame::text("\r\n")).await;
    browser.send(Frame::Ping("hello".into())).await;
    assert_eq!(browser.receives().await, Frame::Pong("hello".into()));
    assert_eq!(bob.endpoint.metrics().keep_alives.value(), 2);
    assert_eq!(bob.endpoint.metrics().malformed.value(), 0);
}

#[tokio::test]
async fn what_is_no_sip_is_refused_and_the_connection_stays() {
    let mut bob = with(Limits::default());
    let mut browser = Browser::towards(&bob).await;
    browser.send(Frame::text("hello?")).await;
    browser.send(options()).await;
    let incoming = bob.hears_request().await;
    bob.respond(&incoming, 200);
    assert_eq!(browser.receives_status().await, 200);
    assert_eq!(bob.endpoint.metrics().malformed.value(), 1);
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_connection() {
    let mut bob = with(Limits::default());
    let browser = Browser::towards(&bob).await;
    let (mut sink, mut stream) = browser.0.split();
    // The other side closes before it has read all of this.
    let send = async { sink.send(Frame::binary(vec![b'a'; 100_000])).await };
    let (_, received) = tokio::join!(send, soon(stream.next()));
    assert!(matches!(received, Some(Ok(Frame::Close(Some(frame)))) if frame.code == CloseCode::Size));
    assert!(matches!(bob.hears().await, Heard::Closed(_)));
}

#[tokio::test]
async fn text_that_is_no_text_ends_the_connection() {
    let bob = with(Limits::default());
    let (mut ours, theirs) = duplex(4_096);
    attach(&bob, async { Ok(theirs) });
    soon(ours.write_all(&[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]))
        .await
        .expect("open");
    let mut browser = Browser(WebSocketStream::from_raw_socket(ours, Role::Client, None).await);
    assert_eq!(browser.is_closed().await, CloseCode::Invalid);
}

#[tokio::test]
async fn frames_that_are_not_masked_end_the_connection() {
    let bob = with(Limits::default());
    let (mut ours, theirs) = duplex(4_096);
    attach(&bob, async { Ok(theirs) });
    soon(ours.write_all(&[0x81, 0x01, b'a'])).await.expect("open");
    let mut browser = Browser(WebSocketStream::from_raw_socket(ours, Role::Client, None).await);
    assert_eq!(browser.is_closed().await, CloseCode::Protocol);
}

#[tokio::test]
async fn who_says_nothing_is_sent_away() {
    let mut bob = with(Limits {
        patience: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut browser = Browser::towards(&bob).await;
    assert_eq!(browser.is_closed().await, CloseCode::Away);
    assert!(matches!(bob.hears().await, Heard::Closed(_)));
    assert_eq!(bob.endpoint.metrics().connections.value(), 0);
}

#[tokio::test]
async fn who_stops_in_the_middle_of_a_message_is_sent_away() {
    let mut bob = with(Limits {
        patience: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut browser = Browser::towards(&bob).await;
    browser.send(options()).await;
    let _ = bob.hears_request().await;
    let stream = browser.0.get_mut();
    soon(stream.write_all(&[0x81, 0xc0, 0])).await.expect("open");
    assert_eq!(browser.is_closed().await, CloseCode::Policy);
    assert_eq!(bob.endpoint.metrics().connections_dropped.value(), 1);
}

#[tokio::test]
async fn who_answers_no_ping_is_gone() {
    let mut bob = with(Limits {
        keep_alive: Duration::from_millis(30),
        ..Limits::default()
    });
    // Nothing reads at the browser's end, so that nothing answers.
    let _browser = Browser::towards(&bob).await;
    assert!(matches!(bob.hears().await, Heard::Closed(_)));
}

#[tokio::test]
async fn an_upgrade_that_never_comes_is_given_up() {
    let mut bob = with(Limits {
        patience: Duration::from_millis(50),
        ..Limits::default()
    });
    let (_never, upgrade) = oneshot::channel();
    attach(&bob, async { upgrade.await.map_err(io::Error::other) });
    assert!(matches!(bob.hears().await, Heard::Closed(_)));
}

#[tokio::test]
async fn a_shutdown_is_told() {
    let bob = with(Limits::default());
    let mut browser = Browser::towards(&bob).await;
    let (code, ()) = tokio::join!(browser.is_closed(), bob.endpoint.shutdown());
    assert_eq!(code, CloseCode::Away);
}
