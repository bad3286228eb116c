//! The journal: the one ordered stream of facts that a call leaves behind.
//!
//! History, live state, charges and explanations are consumers of it. A fact is recorded once, before the SIP
//! messages that it causes leave. Entries are idempotent by (call id, sequence). Changes are additive only.

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Pii, Utc};

use crate::{
    CallDirection, CallId, DeviceId, ExtensionId, GatewayId, HangupCause, LegId, LegRole, MediaFigures, Party, TenantId,
};

/// One fact about one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// The company whose call it is.
    pub tenant_id: TenantId,
    /// The call.
    pub call_id: CallId,
    /// Counts the call's entries from 0 without a gap.
    pub sequence: u32,
    /// When the call's attempt was made.
    pub started_at: Utc,
    /// Milliseconds since then, by the monotonic clock.
    pub elapsed_ms: u64,
    /// What happened.
    pub event: CallEvent,
}

impl JournalEntry {
    /// When it happened: the start of the call plus the monotonic time since, so that no clock step bends a duration.
    pub fn at(&self) -> Utc {
        self.started_at + std::time::Duration::from_millis(self.elapsed_ms)
    }
}

/// What can happen in the life of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CallEvent {
    /// Somebody dialled.
    Attempted {
        /// Who.
        caller: Party,
        /// What.
        dialled: Pii<String>,
        /// Seen from the company.
        direction: CallDirection,
    },
    /// It was decided whom the call is for.
    Addressed {
        /// Who is called.
        callee: Party,
    },
    /// A leg was started: the caller's own, or one that is rung.
    LegStarted {
        /// Its number.
        leg: LegId,
        /// Which side it is.
        role: LegRole,
        /// The extension whose phone it is.
        extension_id: Option<ExtensionId>,
        /// The device, where known.
        device_id: Option<DeviceId>,
        /// The gateway, where it is a carrier's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gateway_id: Option<GatewayId>,
        /// Transport and network address.
        address: Pii<String>,
    },
    /// A leg rings.
    LegRinging {
        /// Its number.
        leg: LegId,
    },
    /// A leg answered (or, for the caller's leg, was answered by us).
    LegAnswered {
        /// Its number.
        leg: LegId,
    },
    /// A leg put the other side on hold.
    LegHeld {
        /// Its number.
        leg: LegId,
    },
    /// A leg took the other side back.
    LegResumed {
        /// Its number.
        leg: LegId,
    },
    /// A leg ended.
    LegEnded {
        /// Its number.
        leg: LegId,
        /// Why.
        cause: HangupCause,
    },
    /// The sound of a leg was measured, once it is over.
    LegMeasured {
        /// Its number.
        leg: LegId,
        /// The figures.
        media: MediaFigures,
    },
    /// Two legs hear each other.
    Bridged {
        /// The one.
        first: LegId,
        /// The other.
        second: LegId,
    },
    /// A leg that came from another call has taken the caller's place: the others speak with somebody else now.
    CallerChanged {
        /// With whom.
        caller: Party,
    },
    /// What was left of the call goes on in another one, whose record tells of both; no entry follows.
    Merged {
        /// The other one.
        into: CallId,
    },
    /// The call is over; no entry follows.
    Ended {
        /// Why.
        cause: HangupCause,
    },
}
