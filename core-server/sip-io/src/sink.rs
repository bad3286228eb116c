//! Who uses the endpoint: the interface that the switch implements.

use wigwag_sip::{
    transaction::{Failure, FlowId, ServerKey},
    wire::{Request, Response},
};

use crate::Flow;

/// The user of an [`Endpoint`](crate::Endpoint); `O` is its tag on its own requests.
///
/// Called from the threads and tasks that read sockets and keep timers, with no lock held: every method may call the endpoint,
/// and none may wait. What arrives on one socket or connection is told in order; on different ones, a CANCEL can
/// overtake its INVITE's [`Sink::request`].
pub trait Sink<O>: Send + Sync + 'static {
    /// A request that belongs to no transaction yet, neither ACK nor CANCEL. Retransmissions of what is answered
    /// here without a transaction, or dropped, are offered again.
    fn offered(&self, offer: Offered<'_>) -> Verdict;

    /// A request that was accepted; an INVITE has been answered with 100.
    fn request(&self, incoming: Incoming);

    /// An ACK to a 2xx, or to nothing; it belongs to a dialog or is to be ignored.
    fn ack(&self, request: Request, flow: &Flow);

    /// The caller has given up an INVITE that has no final response; its CANCEL has been answered.
    fn cancelled(&self, invite: ServerKey, cancel: Request);

    /// A response to a request of ours; 100 and every 2xx that is repeated to an INVITE too.
    fn response(&self, owner: &O, response: Response, flow: &Flow);

    /// A request of ours will have no (further) response.
    fn failed(&self, owner: &O, failure: Failure);

    /// A connection has ended; requests waiting for it have failed already.
    fn flow_closed(&self, flow: FlowId);
}

/// A request and how it came, before anything was kept of it.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a> {
    /// Valid in all that matters before routing, with `received` and `rport` in its top Via.
    pub request: &'a Request,
    /// How it came.
    pub flow: &'a Flow,
}

/// What becomes of an offered request.
#[derive(Debug)]
pub enum Verdict {
    /// Make a transaction; [`Sink::request`] follows, unless the endpoint is full and answers 503.
    Accept,
    /// Send this response and keep nothing, as for a challenge.
    Reply(Response),
    /// Say nothing.
    Drop,
}

/// An accepted request, to be answered with [`Endpoint::respond`](crate::Endpoint::respond).
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Its transaction.
    pub key: ServerKey,
    /// The request.
    pub request: Request,
    /// How it came.
    pub flow: Flow,
}
