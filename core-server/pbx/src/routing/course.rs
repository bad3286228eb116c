//! Where a call stands on its way through the company: enough to decide what follows, and to find loops (A30).

use serde::{Deserialize, Serialize};
use wigwag_model::{CallStatus, Destination, ExtensionId, ForwardingRuleId, HangupCause, RingGroupId, limits};

/// Where a call stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// What rings.
    pub stage: Stage,
    /// What the call has been sent to, the present one included.
    pub visited: Vec<Destination>,
    /// The forwarding rules that have been followed.
    pub followed: Vec<ForwardingRuleId>,
    /// Whether the caller has said that the number is to be withheld or shown, by a code.
    pub shows_number: Option<bool>,
}

/// What rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Nothing yet.
    Start,
    /// An extension, or where its rules have sent the call.
    Extension(ExtensionId),
    /// A ring group.
    RingGroup(RingGroupId),
    /// A member of a ring group, beside others.
    Member(ExtensionId),
    /// A number outside that was dialled: nothing follows.
    Outside,
}

impl Course {
    /// A call that has just been attempted.
    pub(super) fn start() -> Self {
        Course {
            stage: Stage::Start,
            visited: Vec::new(),
            followed: Vec::new(),
            shows_number: None,
        }
    }

    /// Goes on to `destination`; refused when the call has been there.
    pub(super) fn enter(&mut self, destination: Destination) -> Result<(), Detour> {
        if self.visited.contains(&destination) {
            return Err(Detour::Loop);
        }
        self.visited.push(destination);
        Ok(())
    }

    /// Whether the call may be sent on once more.
    pub(super) fn hop(&self) -> Result<(), Detour> {
        let hops = self.visited.len() + self.followed.len();
        if hops > limits::HOPS_PER_CALL {
            Err(Detour::TooFar)
        } else {
            Ok(())
        }
    }
}

/// Why a call is not sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Detour {
    /// It has been there.
    Loop,
    /// It has been sent on too often.
    TooFar,
}

/// What a cause means for forwarding rules: a refusal counts as busy, as most phones say it so (S105).
pub fn status(cause: HangupCause) -> CallStatus {
    match cause {
        HangupCause::Busy | HangupCause::Declined => CallStatus::Busy,
        HangupCause::NoAnswer => CallStatus::Unanswered,
        HangupCause::NormalClearing
        | HangupCause::CallerGaveUp
        | HangupCause::AnsweredElsewhere
        | HangupCause::NoDevice
        | HangupCause::UnknownNumber
        | HangupCause::IncompleteNumber
        | HangupCause::NotAllowed
        | HangupCause::Blocked
        | HangupCause::LimitReached
        | HangupCause::NoCredit
        | HangupCause::NoCommonCodec
        | HangupCause::NetworkFailure
        | HangupCause::MediaLost
        | HangupCause::ServerRestarted
        | HangupCause::NotAvailable => CallStatus::Failure,
    }
}
