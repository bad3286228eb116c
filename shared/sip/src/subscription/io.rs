//! What can happen to a subscription, and what it wants done.

use serde::{Deserialize, Serialize};

use crate::{
    event_body::Body,
    transaction::{Failure, ServerKey},
    wire::{Request, Response, Uri},
};

/// Names one NOTIFY of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NotifyToken(pub(super) u32);

/// What can happen to a subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Input {
    /// A request of the dialog, for which a server transaction stands.
    Request {
        /// The server transaction that waits for the response.
        key: ServerKey,
        /// What came.
        request: Request,
    },
    /// An answer to [`Output::Notify`], provisional or final.
    Response {
        /// The token that came with the NOTIFY.
        token: NotifyToken,
        /// What came.
        response: Response,
    },
    /// No final answer will come to [`Output::Notify`].
    Failed {
        /// The token that came with the NOTIFY.
        token: NotifyToken,
        /// Why not.
        failure: Failure,
    },
    /// The watched resource is in this state now; a body of another package is ignored.
    News(Body),
    /// The subscription ends.
    End(End),
}

/// Why a subscription ends (RFC 6665 §4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// It was not renewed, or was asked for once only.
    Timeout,
    /// The subscriber may no longer know.
    Rejected,
    /// The watched resource exists no longer.
    NoResource,
    /// The subscriber shall subscribe again, at once.
    Deactivated,
    /// The subscriber does not know it any more, or does not answer; it is told nothing.
    Forgotten,
}

/// What a subscription wants done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Output {
    /// Answer through the server transaction.
    Respond {
        /// The transaction.
        key: ServerKey,
        /// What to answer.
        response: Response,
    },
    /// Start a client transaction for this NOTIFY, which lacks only its Via.
    Notify {
        /// Comes back with the answer.
        token: NotifyToken,
        /// What to send.
        request: Request,
        /// Where to, unless the owner knows a flow to the other side.
        next_hop: Uri,
    },
    /// It holds until another time than before: worth keeping, for those who keep subscriptions over a restart.
    Renewed,
    /// Nothing will ever happen again: always the last output.
    Ended(End),
}

impl End {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            End::Timeout => "timeout",
            End::Rejected => "rejected",
            End::NoResource => "noresource",
            End::Deactivated => "deactivated",
            End::Forgotten => "giveup",
        }
    }
}
