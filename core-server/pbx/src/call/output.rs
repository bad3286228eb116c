//! What a call wants done.

use serde::{Deserialize, Serialize};
use wigwag_model::{CallEvent, ExtensionId, LegId};
use wigwag_sansio::Secret;
use wigwag_sip::{
    session::RequestToken,
    transaction::ServerKey,
    wire::{Request, Response, header::Reason},
};

use super::{Note, Question, Sought};
use crate::{
    registrar::Reach,
    routing::{Change, Target},
};

/// What a call wants done, in this order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Output {
    /// Record a fact, with this number and so many milliseconds after the call's start, before what follows is done.
    Journal {
        /// Counts from 0 without a gap.
        sequence: u32,
        /// Since the call's attempt, by the monotonic clock.
        elapsed_ms: u64,
        /// The fact.
        event: CallEvent,
    },
    /// Remember this for whoever asks how the call went.
    Note(Note),
    /// Take a line of a target and say which phones to ring; [`Input::Reached`](super::Input::Reached) follows.
    Reach {
        /// Comes back with the reply.
        arm: ArmId,
        /// Whom to ring.
        target: Target,
    },
    /// Decide how the call goes on, from the company's configuration; [`Input::Decided`](super::Input::Decided)
    /// follows.
    Decide(Question),
    /// Compare what was pressed with an extension's PIN; [`Input::PinChecked`](super::Input::PinChecked) follows.
    CheckPin {
        /// Whose PIN.
        of: ExtensionId,
        /// What was pressed.
        digits: Secret<String>,
    },
    /// Change the company's configuration; [`Input::Changed`](super::Input::Changed) follows, once calls see it.
    Change(Change),
    /// Find a call of the same company, [release](super::Call::release) the leg, and have that call
    /// [adopt](super::Call::adopt) it; `Input::HandedOver`, `Input::NotTaken` or
    /// [`take_back`](super::Call::take_back) follows.
    HandOver {
        /// The leg.
        leg: LegId,
        /// The call.
        sought: Sought,
    },
    /// Find a parking place; [`Input::Placed`](super::Input::Placed) follows.
    Park {
        /// Which is wished for; the first free one where there is none.
        wish: Option<u8>,
    },
    /// The call's parking place is free again.
    Unpark,
    /// Send something over SIP.
    Sip {
        /// Whose session it is.
        leg: LegId,
        /// How to reach the leg's phone.
        reach: Reach,
        /// What to send.
        action: SipAction,
    },
    /// Do something with a leg's sound.
    Media(super::MediaCommand),
    /// The call is over and may be forgotten; always the last output.
    Finished,
}

/// Numbers the arms of a call, in the order in which they began to ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArmId(pub u16);

/// Something to send over SIP for one leg.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum SipAction {
    /// Start a client transaction.
    Request {
        /// Comes back with the answer.
        token: RequestToken,
        /// Lacks only its Via.
        request: Request,
    },
    /// Cancel the INVITE with this token.
    Cancel {
        /// From its request.
        token: RequestToken,
        /// For the Reason headers of the CANCEL.
        reasons: Vec<Reason>,
    },
    /// Send an ACK to a 2xx, which has no transaction.
    Ack(Request),
    /// Answer through a server transaction.
    Respond {
        /// The transaction.
        key: ServerKey,
        /// The answer.
        response: Response,
    },
}
