//! SIP over WebSockets (RFC 7118): one SIP message each, pings both ways, and close codes (RFC 6455 §7.4).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message, Utf8Bytes,
        error::{CapacityError, ProtocolError},
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};
use tracing::debug;

use crate::{Clock, attached::Attached, stream::End};

/// Waits for the upgrade, then reads and writes until either side ends.
pub(crate) async fn serve<O, S>(attached: Attached<O>, upgrade: impl Future<Output = io::Result<S>>)
where
    O: Clone + Send + 'static,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let stream = tokio::select! {
        biased;
        upgraded = upgrade => match upgraded {
            Ok(stream) => stream,
            Err(error) => return debug!(%error, "A connection did not become a WebSocket."),
        },
        // Nothing is written before a message was read, so that this ends with the patience.
        None = attached.outgoing() => return,
    };
    let paced = Paced::new(stream, *attached.clock(), attached.limits().patience);
    let mut socket = WebSocketStream::from_raw_socket(paced, Role::Server, Some(config())).await;
    let reason = tokio::select! {
        biased;
        () = attached.aborted() => return,
        reason = converse(&attached, &mut socket) => reason,
    };
    if let Some(reason) = reason {
        let until = attached.clock().instant(attached.now().tick + FAREWELL);
        let farewell = CloseFrame {
            code: reason,
            reason: Utf8Bytes::default(),
        };
        // Whoever does not read this has lost nothing by it.
        let _ = timeout_at(until, socket.close(Some(farewell))).await;
    }
}

/// Why we end the connection, or nothing when the peer has.
async fn converse<O, S>(attached: &Attached<O>, socket: &mut WebSocketStream<Paced<S>>) -> Option<CloseCode>
where
    O: Clone + Send + 'static,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let pause = attached.limits().keep_alive;
    let later = || attached.clock().instant(attached.now().tick + pause);
    let (mut ping_at, mut is_heard) = (later(), true);
    loop {
        tokio::select! {
            received = socket.next() => {
                is_heard = true;
                socket.get_mut().is_whole();
                match receive(attached, received?) {
                    Ok(()) => {}
                    Err(end) => return end,
                }
            }
            packet = attached.outgoing() => match packet {
                Some(packet) => socket.send(frame(packet)).await.ok()?,
                None => return Some(CloseCode::Away),
            },
            () = sleep_until(ping_at) => {
                if !is_heard {
                    attached.ended(End::Slow);
                    return Some(CloseCode::Away);
                }
                socket.send(Message::Ping(Bytes::new())).await.ok()?;
                (ping_at, is_heard) = (later(), false);
            }
        }
    }
}

/// Takes what was received; an error ends the connection, with a close code unless the peer has ended it.
fn receive<O: Clone + Send + 'static>(
    attached: &Attached<O>,
    received: Result<Message, Error>,
) -> Result<(), Option<CloseCode>> {
    match received {
        Ok(Message::Text(text)) => attached.receive(text.into()),
        Ok(Message::Binary(bytes)) => attached.receive(bytes),
        // The answer is on its way already.
        Ok(Message::Ping(_)) => attached.receive_keep_alive(),
        Ok(Message::Pong(_) | Message::Close(_) | Message::Frame(_)) => {}
        Err(error) => {
            let (end, code) = judge(&error);
            attached.ended(end);
            return Err(code);
        }
    }
    Ok(())
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "which variants there are depends on features that another crate of the build may want"
)]
fn judge(error: &Error) -> (End, Option<CloseCode>) {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => (End::Framing, Some(CloseCode::Size)),
        Error::Utf8(_) => (End::Framing, Some(CloseCode::Invalid)),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => (End::Peer, None),
        Error::Protocol(_) | Error::Capacity(_) => (End::Framing, Some(CloseCode::Protocol)),
        Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => (End::Slow, Some(CloseCode::Policy)),
        _ => (End::Peer, None),
    }
}

/// Text where it is text, as every client can read it (RFC 7118 §4.2).
fn frame(packet: Bytes) -> Message {
    match Utf8Bytes::try_from(packet.clone()) {
        Ok(text) => Message::Text(text),
        Err(_) => Message::Binary(packet),
    }
}

/// Small buffers: there are many connections, and most are silent.
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * LARGEST)
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST))
}

/// A stream that fails when a message was begun and is not whole in time.
struct Paced<S> {
    stream: S,
    clock: Clock,
    patience: Duration,
    whole_by: Option<Pin<Box<Sleep>>>,
}

impl<S> Paced<S> {
    fn new(stream: S, clock: Clock, patience: Duration) -> Self {
        Paced {
            stream,
            clock,
            patience,
            whole_by: None,
        }
    }

    /// A message has been read to its end.
    fn is_whole(&mut self) {
        self.whole_by = None;
    }

    fn deadline(&self) -> Instant {
        self.clock.instant(self.clock.now().tick + self.patience)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(result) => {
                if buffer.filled().len() > before && self.whole_by.is_none() {
                    let deadline = self.deadline();
                    self.whole_by = Some(Box::pin(sleep_until(deadline)));
                }
                Poll::Ready(result)
            }
            Poll::Pending => {
                let Some(whole_by) = &mut self.whole_by else {
                    return Poll::Pending;
                };
                ready!(whole_by.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Bytes of a message, and a little more: the message layer refuses it in its own way.
const LARGEST: usize = 66 * 1024;
const BUFFER: usize = 4 * 1024;
const FAREWELL: Duration = Duration::from_secs(1);
