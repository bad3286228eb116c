//! What a [`Layer`](super::Layer) and the shell around it tell each other.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{ClientKey, Failure, FlowId, Packet, ServerKey, Timers};
use crate::wire::{
    Host, Message, Request, Response,
    header::{Transport, Via},
};

/// What a layer is told once.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Which shard this is; it stands in every key.
    pub shard: u8,
    /// T1, T2 and T4.
    pub timers: Timers,
    /// How many transactions may exist at once, the lingering included; within dialogs a quarter more.
    pub max_transactions: usize,
}

/// A message that has arrived; a request carries `received` and `rport` in its top Via already.
#[derive(Clone, Debug)]
pub struct Received {
    /// What was received.
    pub message: Message,
    /// How it came.
    pub flow: FlowId,
}

/// What the layer wants done.
#[derive(Debug, Serialize, Deserialize)]
pub enum Output<O> {
    /// Send these bytes.
    Send {
        /// Which way.
        flow: FlowId,
        /// What.
        packet: Packet,
        /// Whose request it is, to be told to [`Layer::transport_failed`](super::Layer::transport_failed) when it cannot be sent.
        request_of: Option<ClientKey>,
    },
    /// Tell the user.
    Event(Event<O>),
}

/// What the user has to know.
#[derive(Debug, Serialize, Deserialize)]
pub enum Event<O> {
    /// A request other than ACK and CANCEL that belongs to no transaction yet.
    New(Request),
    /// An ACK that belongs to no refused INVITE: that of a 2xx, to be matched to its dialog.
    Ack(Request),
    /// The caller no longer wants an answer; its CANCEL has been answered, the INVITE has not.
    Cancelled {
        /// The INVITE's transaction.
        invite: ServerKey,
        /// The CANCEL, which may carry a Reason.
        cancel: Request,
    },
    /// A response to a request of ours; every 2xx to an INVITE, also the repeated and those of other branches.
    Response {
        /// Whose request.
        owner: O,
        /// The request's transaction.
        key: ClientKey,
        /// The response.
        response: Response,
    },
    /// A request of ours will have no (further) response.
    Failed {
        /// Whose request.
        owner: O,
        /// The request's transaction, which is gone.
        key: ClientKey,
        /// Why.
        failure: Failure,
    },
}

/// How often something happened since the layer was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Requests and ACKs that were received again.
    pub absorbed: u64,
    /// Responses that belong to no request of ours, and were dropped.
    pub strays: u64,
}

/// Which way a request goes, and what its top Via says about the way back.
#[derive(Clone, Debug)]
pub struct Hop {
    /// Which way.
    pub flow: FlowId,
    /// What carries it.
    pub transport: Transport,
    /// Where we say that we are.
    pub host: Host,
    /// The port there, unless it is the transport's own.
    pub port: Option<u16>,
}

impl Hop {
    /// The Via that says so.
    pub fn via(&self, branch: &str) -> Via {
        Via::new(self.transport.clone(), self.host.clone(), self.port, branch)
    }
}

/// Why a transaction was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The layer has as many transactions as it may; to be answered with 503.
    #[error("too many transactions")]
    Full,
    /// The request has a transaction already: its copy was offered at the same time.
    #[error("the request was accepted before")]
    Duplicate,
    /// The request's Via, From or CSeq cannot be read.
    #[error("the request identifies no transaction")]
    Unidentified,
}

/// The server transaction has ended; nobody waits for the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the transaction is gone")]
pub struct Gone;
