//! What can happen to a session.

use serde::{Deserialize, Serialize};

use super::{Content, Extra, ReferralId, Sdp};
use crate::{
    transaction::{Failure, ServerKey},
    wire::{Method, Request, Response, StatusCode, header::Reason},
};

/// Names one request that a session has sent, among those of the same session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestToken(pub(super) u32);

/// What can happen to a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Input {
    /// A request of the dialog, neither ACK nor CANCEL, for which a server transaction stands.
    Request {
        /// The server transaction that waits for the response.
        key: ServerKey,
        /// What came.
        request: Request,
    },
    /// An ACK to one of our 2xx answers.
    Ack(Request),
    /// A CANCEL, already answered, for the INVITE of this server transaction.
    Cancel {
        /// The server transaction of the INVITE.
        key: ServerKey,
        /// The CANCEL, for its Reason.
        request: Request,
    },
    /// An answer to [`Output::Request`](super::Output::Request), provisional or final; also each 2xx again.
    Response {
        /// The token that came with the request.
        token: RequestToken,
        /// What came.
        response: Response,
    },
    /// No final answer will come to [`Output::Request`](super::Output::Request).
    Failed {
        /// The token that came with the request.
        token: RequestToken,
        /// Why not.
        failure: Failure,
    },
    /// What the owner wants.
    Command(Command),
}

/// What the owner of a session can ask for; what makes no sense in the state it finds is ignored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Tells the caller how far an incoming call has come.
    Progress {
        /// 101 to 199.
        status: StatusCode,
        /// Early media, as a preview of the answer; left out where the caller made no offer.
        sdp: Option<Sdp>,
        /// Further headers.
        headers: Vec<Extra>,
    },
    /// Answers an incoming call.
    Accept {
        /// The answer to the caller's offer, or our offer when it made none.
        sdp: Sdp,
        /// Further headers.
        headers: Vec<Extra>,
    },
    /// Refuses or redirects an incoming call.
    Reject {
        /// 300 to 699.
        status: StatusCode,
        /// Further headers; Contact is allowed here.
        headers: Vec<Extra>,
    },
    /// Proposes a change of an answered call. One at a time: a later one replaces one that still waits.
    Offer {
        /// Our offer, or none to ask for the other side's.
        sdp: Option<Sdp>,
        /// Which request to take; re-INVITE is taken where UPDATE is not possible.
        by: OfferBy,
    },
    /// Completes what [`Event::Offered`](super::Event::Offered) began.
    AnswerOffer {
        /// Our answer, or our offer when none came.
        sdp: Sdp,
    },
    /// Refuses what [`Event::Offered`](super::Event::Offered) began; the call goes on as it was.
    RefuseOffer {
        /// 400 to 699.
        status: StatusCode,
    },
    /// Sends a request that changes nothing in the dialog, such as INFO; [`Event::Replied`](super::Event::Replied) follows.
    Send {
        /// Given back with the reply.
        tag: u32,
        /// Any method but those that sessions own (INVITE, ACK, CANCEL, BYE, UPDATE, PRACK).
        method: Method,
        /// Further headers.
        headers: Vec<Extra>,
        /// The body.
        content: Option<Content>,
    },
    /// Answers [`Event::Other`](super::Event::Other).
    Respond {
        /// From the event.
        key: ServerKey,
        /// Any final status.
        status: StatusCode,
        /// Further headers.
        headers: Vec<Extra>,
        /// The body.
        content: Option<Content>,
    },
    /// Takes what [`Event::Referred`](super::Event::Referred) asks for, and tells that it is tried.
    AcceptReferral {
        /// From the event.
        id: ReferralId,
    },
    /// Refuses what [`Event::Referred`](super::Event::Referred) asks for.
    RefuseReferral {
        /// From the event.
        id: ReferralId,
        /// 300 to 699.
        status: StatusCode,
    },
    /// Tells how a referral goes; also after the other side has ended the call.
    TellReferral {
        /// From the event.
        id: ReferralId,
        /// What the call that was asked for has come to; a final status is the last word.
        status: StatusCode,
    },
    /// Ends the call: by CANCEL, final refusal or BYE, whatever is right at this moment.
    End {
        /// The refusal, should an incoming call not be answered yet; 480 by default.
        status: Option<StatusCode>,
        /// Told to the other side.
        reasons: Vec<Reason>,
    },
}

/// The request that carries an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfferBy {
    /// A re-INVITE.
    Invite,
    /// An UPDATE (RFC 3311), which has to be answered at once.
    Update,
}
