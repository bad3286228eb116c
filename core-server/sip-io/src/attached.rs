//! A connection in use: what carries it (TCP, TLS or WebSocket) holds one of these and lets it go.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};
use wigwag_sansio::Now;
use wigwag_sip::wire::{Message, ParseError};

use crate::{Clock, Endpoint, Flow, Limits, connections::Connection, receive, stream::End};

/// Our end of one connection. What carries the bytes passes messages in, writes out what [`Attached::outgoing`] gives
/// until it gives nothing, and drops it in the end.
pub(crate) struct Attached<O: Clone + Send + 'static> {
    endpoint: Endpoint<O>,
    connection: Arc<Connection>,
}

impl<O: Clone + Send + 'static> Attached<O> {
    pub(crate) fn new(endpoint: Endpoint<O>, connection: Arc<Connection>) -> Self {
        endpoint.metrics().connections.increment();
        Attached { endpoint, connection }
    }

    /// The connection's flow.
    pub(crate) fn flow(&self) -> &Flow {
        &self.connection.flow
    }

    /// Takes one message that was received whole, as each message of a WebSocket is (RFC 7118 §4.2).
    pub(crate) fn receive(&self, message: Bytes) {
        if let Some(pong) = receive::pong(&message) {
            self.receive_ping(pong);
        } else if !message.iter().all(u8::is_ascii_whitespace) {
            self.receive_parsed(Message::parse(message));
        }
    }

    /// The next bytes to write, one message at a time. `None` ends the connection: it is idle, full or closed.
    ///
    /// May be dropped and called again, as in a `select!`; for one caller at a time.
    pub(crate) async fn outgoing(&self) -> Option<Bytes> {
        tokio::select! {
            biased;
            packet = self.connection.outgoing.next() => packet,
            () = self.silence() => {
                self.endpoint.metrics().connections_dropped.increment();
                None
            }
        }
    }

    /// Waits until the connection has to be closed even in the middle of a write, because the peer does not read.
    pub(crate) async fn aborted(&self) {
        self.connection.outgoing.aborted().await;
        self.endpoint.metrics().connections_dropped.increment();
    }

    pub(crate) fn receive_parsed(&self, message: Result<Message, ParseError>) {
        let now = self.now();
        if message.is_ok() {
            self.endpoint.connections().heard(&self.connection, now);
        }
        self.endpoint.receive(message, &self.connection.flow, now);
    }

    pub(crate) fn receive_ping(&self, pong: &'static [u8]) {
        self.receive_keep_alive();
        // A connection that is closing needs no answer.
        let _ = self.connection.outgoing.push(Bytes::from_static(pong));
    }

    /// Notes a keep-alive that somebody else answers.
    pub(crate) fn receive_keep_alive(&self) {
        self.endpoint.connections().pinged(&self.connection, self.now());
        self.endpoint.metrics().keep_alives.increment();
    }

    /// Until when a message that begins now has to be whole.
    pub(crate) fn patience(&self) -> Instant {
        self.endpoint
            .clock()
            .instant(self.now().tick + self.endpoint.limits().patience)
    }

    /// Counts why nothing more can be read.
    pub(crate) fn ended(&self, end: End) {
        match end {
            End::Peer => {}
            End::Slow => self.endpoint.metrics().connections_dropped.increment(),
            End::Framing => self
                .endpoint
                .count_malformed(self.connection.flow.transport, self.now()),
        }
    }

    pub(crate) fn now(&self) -> Now {
        self.endpoint.clock().now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.endpoint.clock()
    }

    pub(crate) fn limits(&self) -> &Limits {
        self.endpoint.limits()
    }

    /// Ends when the connection has been silent for longer than it may, which only ever becomes later.
    async fn silence(&self) {
        loop {
            let ends_at = self.connection.ends_at();
            if ends_at <= self.now().tick {
                return;
            }
            sleep_until(self.endpoint.clock().instant(ends_at)).await;
        }
    }
}

impl<O: Clone + Send + 'static> Drop for Attached<O> {
    fn drop(&mut self) {
        self.connection.outgoing.abort();
        self.endpoint.metrics().connections.decrement();
        self.endpoint.connection_closed(&self.connection);
    }
}

impl<O: Clone + Send + 'static> fmt::Debug for Attached<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attached({:?})", self.connection.flow)
    }
}
