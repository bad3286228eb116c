//! Calls as the switch would write them down.

use wigwag_model::{
    CallDirection, CallEvent, CallId, ExtensionId, ExtensionNumber, HangupCause, JournalEntry, LegId, LegRole, Party,
    TenantId,
};
use wigwag_sansio::{Entropy, Pii, Utc};

pub(crate) const NOW: Utc = Utc::from_millis(1_767_258_000_000);

/// Writes the journal of one call.
pub(crate) struct Script {
    tenant_id: TenantId,
    call_id: CallId,
    entries: Vec<JournalEntry>,
}

impl Script {
    /// A call number `number` of extension 101 to 102, up to "somebody dialled".
    pub(crate) fn new(tenant_id: TenantId, number: u64) -> Script {
        let script = Script {
            tenant_id,
            call_id: CallId::new(NOW, &mut Entropy::from_number(number)),
            entries: Vec::new(),
        };
        let attempted = CallEvent::Attempted {
            caller: party("101"),
            dialled: Pii::new("102".to_owned()),
            direction: CallDirection::Internal,
        };
        script.at(0, attempted).leg(0, 0, LegRole::Caller, "101")
    }

    pub(crate) fn call_id(&self) -> CallId {
        self.call_id
    }

    pub(crate) fn at(mut self, elapsed_ms: u64, event: CallEvent) -> Script {
        self.entries.push(JournalEntry {
            tenant_id: self.tenant_id,
            call_id: self.call_id,
            sequence: u32::try_from(self.entries.len()).unwrap(),
            started_at: NOW,
            elapsed_ms,
            event,
        });
        self
    }

    pub(crate) fn addressed(self, elapsed_ms: u64, number: &str) -> Script {
        self.at(elapsed_ms, CallEvent::Addressed { callee: party(number) })
    }

    pub(crate) fn leg(self, elapsed_ms: u64, leg: u16, role: LegRole, number: &str) -> Script {
        let started = CallEvent::LegStarted {
            leg: LegId(leg),
            role,
            extension_id: Some(extension_id(number)),
            device_id: None,
            gateway_id: None,
            address: Pii::new("udp:192.0.2.1:5060".to_owned()),
        };
        self.at(elapsed_ms, started)
    }

    pub(crate) fn rings(self, elapsed_ms: u64, leg: u16) -> Script {
        self.at(elapsed_ms, CallEvent::LegRinging { leg: LegId(leg) })
    }

    /// The called leg answers, and so the caller's.
    pub(crate) fn answers(self, elapsed_ms: u64, leg: u16) -> Script {
        let answered = |leg| CallEvent::LegAnswered { leg: LegId(leg) };
        self.at(elapsed_ms, answered(leg)).at(elapsed_ms + 20, answered(0)).at(
            elapsed_ms + 20,
            CallEvent::Bridged {
                first: LegId(0),
                second: LegId(leg),
            },
        )
    }

    pub(crate) fn leg_ends(self, elapsed_ms: u64, leg: u16, cause: HangupCause) -> Script {
        self.at(elapsed_ms, CallEvent::LegEnded { leg: LegId(leg), cause })
    }

    pub(crate) fn ends(self, elapsed_ms: u64, cause: HangupCause) -> Script {
        self.at(elapsed_ms, CallEvent::Ended { cause })
    }

    pub(crate) fn entries(self) -> Vec<JournalEntry> {
        self.entries
    }

    /// 102 rings after a second, answers after five and ends a minute later.
    pub(crate) fn answered(tenant_id: TenantId, number: u64) -> Script {
        Script::new(tenant_id, number)
            .addressed(1, "102")
            .leg(2, 1, LegRole::Callee, "102")
            .rings(1_000, 1)
            .answers(5_000, 1)
            .leg_ends(65_020, 1, HangupCause::NormalClearing)
            .leg_ends(65_020, 0, HangupCause::NormalClearing)
            .ends(65_020, HangupCause::NormalClearing)
    }
}

pub(crate) fn extension_id(number: &str) -> ExtensionId {
    ExtensionId::new(NOW, &mut Entropy::from_number(number.parse().unwrap()))
}

pub(crate) fn party(number: &str) -> Party {
    let extension: ExtensionNumber = number.parse().unwrap();
    Party {
        name: Some(Pii::new(format!("Person {number}"))),
        number: Pii::new(number.to_owned()),
        extension: Some((extension_id(number), extension)),
    }
}
