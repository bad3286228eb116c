//! The call history: one record for each conversation, one leg for each phone that took part.

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Pii, Utc};

use crate::{CallId, DeviceId, ExtensionId, ExtensionNumber, HangupCause, LegId, MediaFigures, TenantId};

/// Where a call comes from and goes to, seen from the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallDirection {
    /// From an extension to an extension or feature of the same company.
    Internal,
    /// From outside.
    Inbound,
    /// To an outside number.
    Outbound,
}

/// What became of a call, in the words of the call history (S187).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Somebody or something answered.
    Answered,
    /// Nobody answered.
    NoAnswer,
    /// The called side was on the phone.
    Busy,
    /// The called person refused.
    Declined,
    /// The caller is blocked.
    Blocked,
    /// It could not be connected.
    Failed,
}

/// Which side of a call a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegRole {
    /// It made the call.
    Caller,
    /// It was rung.
    Callee,
}

/// One side of a call as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The name shown, if there is one.
    pub name: Option<Pii<String>>,
    /// The number shown.
    pub number: Pii<String>,
    /// The extension, where it is one of the company's own.
    pub extension: Option<(ExtensionId, ExtensionNumber)>,
}

/// One finished conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The call.
    pub id: CallId,
    /// The company whose history it is in.
    pub tenant_id: TenantId,
    /// Seen from the company.
    pub direction: CallDirection,
    /// Who called.
    pub caller: Party,
    /// What was dialled.
    pub dialled: Pii<String>,
    /// Who was called, as far as known.
    pub callee: Option<Party>,
    /// When the attempt was made.
    pub started_at: Utc,
    /// When it was answered.
    pub answered_at: Option<Utc>,
    /// When it ended.
    pub ended_at: Utc,
    /// From the answer to the end, by the monotonic clock, in milliseconds.
    pub talk_ms: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it ended.
    pub cause: HangupCause,
    /// The phones that took part, the caller first.
    pub legs: Vec<CallLeg>,
}

/// One phone's part in a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallLeg {
    /// Its number in the call.
    pub leg: LegId,
    /// Which side it is.
    pub role: LegRole,
    /// The extension whose phone it is.
    pub extension_id: Option<ExtensionId>,
    /// The device, where known.
    pub device_id: Option<DeviceId>,
    /// The network address it was reached at, for example `udp:192.0.2.1:5060`.
    pub address: Pii<String>,
    /// When it was started.
    pub started_at: Utc,
    /// When it began to ring.
    pub ringing_at: Option<Utc>,
    /// When it answered.
    pub answered_at: Option<Utc>,
    /// When it ended.
    pub ended_at: Utc,
    /// Why it ended.
    pub cause: HangupCause,
    /// What was measured of its sound.
    pub media: Option<MediaFigures>,
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        impl $name {
            /// The word in the database and the API.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// The value that `as_str` names so.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }
    )*};
}

words! {
    CallDirection { Internal = "internal", Inbound = "inbound", Outbound = "outbound" }
    Outcome { Answered = "answered", NoAnswer = "no_answer", Busy = "busy", Declined = "declined", Blocked = "blocked", Failed = "failed" }
    LegRole { Caller = "caller", Callee = "callee" }
}
