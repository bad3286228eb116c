//! What a session wants done, and what it tells.

use serde::{Deserialize, Serialize};

use super::{Content, Digit, OfferBy, Referral, RequestToken, Sdp, read::Read};
use crate::{
    transaction::{Failure, ServerKey},
    wire::{
        Request, Response, StatusCode, Uri,
        header::{Contact, Reason},
    },
};

/// What a session wants done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Output {
    /// Start a client transaction for `request`, which lacks only its Via.
    Request {
        /// Comes back with the answer.
        token: RequestToken,
        /// What to send.
        request: Request,
        /// Where to, unless the owner knows a flow to the other side.
        next_hop: Uri,
    },
    /// Cancel the INVITE with this token, as soon as a provisional answer has come.
    Cancel {
        /// From its [`Output::Request`].
        token: RequestToken,
        /// For the CANCEL's Reason headers.
        reasons: Vec<Reason>,
    },
    /// Send an ACK to a 2xx, which lacks only its Via and has no transaction.
    Ack {
        /// What to send.
        request: Request,
        /// As in [`Output::Request`].
        next_hop: Uri,
    },
    /// Answer through the server transaction; a 2xx to INVITE comes again until it is acknowledged.
    Respond {
        /// The transaction.
        key: ServerKey,
        /// What to answer.
        response: Response,
    },
    /// Tell the owner.
    Event(Event),
}

/// One branch of an outgoing call that was forked on its way: one To tag, in the order in which they showed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Branch(pub(super) u16);

/// What a session tells its owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    /// An outgoing call has come this far.
    Progress {
        /// Which of the phones that may ring.
        branch: Branch,
        /// 101 to 199.
        status: StatusCode,
        /// Early media, as a preview of the answer.
        sdp: Option<Sdp>,
        /// The whole message, for further headers.
        response: Response,
    },
    /// An outgoing call was answered.
    Answered {
        /// By whom.
        branch: Branch,
        /// The answer to our offer; none when we made no offer, and then [`Event::Offered`] follows.
        sdp: Option<Sdp>,
        /// The whole message, for further headers.
        response: Response,
    },
    /// The caller has seen our answer.
    Confirmed {
        /// The answer to our offer, when the caller had made none.
        sdp: Option<Sdp>,
    },
    /// The other side proposes a change; answer with `AnswerOffer` or `RefuseOffer`, soon.
    Offered {
        /// Its offer, or none when it asks for ours.
        sdp: Option<Sdp>,
        /// The request that carries it.
        by: OfferBy,
    },
    /// The other side's proposal came to nothing before we answered: it took it back, or we took too long.
    OfferWithdrawn,
    /// An exchange is complete: here is the other side's answer. It comes unasked when a session refresh brought another
    /// description than before.
    OfferAnswered {
        /// The answer.
        sdp: Sdp,
    },
    /// Our proposal failed, and the call goes on as it was. With 491, the other side proposes something itself: answer
    /// that first, then propose again.
    OfferRefused {
        /// Why.
        status: StatusCode,
    },
    /// A key was pressed (INFO).
    Digit(Digit),
    /// An INFO with something else, already answered.
    Info(Content),
    /// The other side asks us to call somebody in its place; answer with `AcceptReferral` or `RefuseReferral`.
    Referred(Box<Referral>),
    /// A request that belongs to another usage of the dialog (SUBSCRIBE, NOTIFY); answer it with `Respond`.
    Other {
        /// For `Respond`.
        key: ServerKey,
        /// What came.
        request: Request,
    },
    /// What became of a `Send`.
    Replied {
        /// From the command.
        tag: u32,
        /// What became of it.
        reply: Reply,
    },
    /// The call is over: always the last event, and always exactly one.
    Ended(Ended),
}

/// What became of a request that the owner sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// A final answer came.
    Response(Response),
    /// None came.
    Failed(Failure),
    /// It was not sent: the call is not answered, or too many wait already.
    Unsent,
}

/// How a call ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// Who ended it.
    pub by: EndedBy,
    /// The final status of the call's INVITE, when it was not answered.
    pub status: Option<StatusCode>,
    /// What the other side gave as Reason (RFC 3326), or we did.
    pub reasons: Vec<Reason>,
    /// When the other side may be asked again, in seconds.
    pub retry_after_secs: Option<u32>,
    /// Where a redirection (3xx) points to.
    pub contacts: Vec<Contact>,
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndedBy {
    /// The other side.
    Remote,
    /// The owner of this session.
    Local,
    /// Nobody wanted it.
    Failure(Breakdown),
}

/// Why a call ended that nobody ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Breakdown {
    /// A request stayed without answer.
    Timeout,
    /// The first request could not be sent.
    Transport,
    /// Our 200 was never acknowledged.
    Unacknowledged,
    /// The session timer (RFC 4028) ran out.
    Expired,
    /// The other side does not know the call any more (481).
    Forgotten,
    /// The other side broke the rules of offer and answer.
    Protocol,
}

impl Branch {
    /// The next branch, after `count` others.
    pub(super) fn next(count: &mut u16) -> Branch {
        let branch = Branch(*count);
        *count = count.saturating_add(1);
        branch
    }
}

impl Ended {
    pub(super) fn new(by: EndedBy) -> Self {
        Ended {
            by,
            status: None,
            reasons: Vec::new(),
            retry_after_secs: None,
            contacts: Vec::new(),
        }
    }

    /// By the final refusal of our INVITE.
    pub(super) fn refused(response: &Response) -> Self {
        let status = response.status();
        Ended {
            by: EndedBy::Remote,
            status: Some(status),
            reasons: response.reasons(),
            retry_after_secs: response.retry_after_secs(),
            contacts: if status.is_redirection() {
                response.contacts()
            } else {
                Vec::new()
            },
        }
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn with_reasons(mut self, reasons: Vec<Reason>) -> Self {
        self.reasons = reasons;
        self
    }
}
