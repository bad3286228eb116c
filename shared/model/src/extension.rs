//! A phone extension (S074–S093).

use serde::{Deserialize, Serialize};
use wigwag_sansio::Utc;

use crate::{
    DraftProblem, ExtensionId, ExtensionNumber, PhoneNumber, Problem, Revision, SipUsername, TenantId, limits,
};

/// A 3-digit internal number and what rings there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its identity.
    pub id: ExtensionId,
    /// The company it belongs to.
    pub tenant_id: TenantId,
    /// Rises with every change.
    pub revision: Revision,
    /// What colleagues dial.
    pub number: ExtensionNumber,
    /// What its devices register as.
    pub sip_username: SipUsername,
    /// Shown to whoever is called from here.
    pub name: String,
    /// What rings there.
    pub kind: ExtensionKind,
    /// How long it rings before the call counts as unanswered, in seconds (S079, S086).
    pub ring_timeout_s: u16,
    /// Whether one more call is offered while one is active (S081, A20).
    pub call_waiting: bool,
    /// Shown on outgoing calls; the company's where there is none (S078).
    pub caller_id: Option<PhoneNumber>,
    /// Whether outgoing calls show no number, unless the caller says otherwise for one call (A05).
    pub withhold_number: bool,
    /// Whether calls count as busy without ringing.
    pub do_not_disturb: bool,
    /// When it was made.
    pub created_at: Utc,
}

/// What rings at an extension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ExtensionKind {
    /// Its phones and apps (S076).
    #[default]
    Regular,
    /// A landline or mobile elsewhere; it has no devices (S077, A29).
    Virtual {
        /// What rings instead (S085).
        forward_to: PhoneNumber,
        /// Whether whoever answers there has to accept the call by a key (S087).
        #[serde(default)]
        screening: bool,
    },
}

/// What a person says of an extension that is to be made or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionDraft {
    /// What colleagues dial.
    pub number: ExtensionNumber,
    /// Shown to whoever is called from here.
    pub name: String,
    /// What rings there.
    pub kind: ExtensionKind,
    /// How long it rings, in seconds.
    pub ring_timeout_s: u16,
    /// Whether one more call is offered while one is active.
    pub call_waiting: bool,
    /// Shown on outgoing calls; whether it may be is the store's business.
    pub caller_id: Option<PhoneNumber>,
    /// Whether outgoing calls show no number.
    pub withhold_number: bool,
    /// Whether calls count as busy without ringing.
    pub do_not_disturb: bool,
}

impl Extension {
    /// The extension that `draft` makes, with nothing changed since.
    pub fn new(
        id: ExtensionId,
        tenant_id: TenantId,
        sip_username: SipUsername,
        draft: ExtensionDraft,
        at: Utc,
    ) -> Self {
        Extension {
            id,
            tenant_id,
            revision: Revision::default(),
            number: draft.number,
            sip_username,
            name: draft.name,
            kind: draft.kind,
            ring_timeout_s: draft.ring_timeout_s,
            call_waiting: draft.call_waiting,
            caller_id: draft.caller_id,
            withhold_number: draft.withhold_number,
            do_not_disturb: draft.do_not_disturb,
            created_at: at,
        }
    }

    /// What a person has said of it.
    pub fn draft(&self) -> ExtensionDraft {
        ExtensionDraft {
            number: self.number.clone(),
            name: self.name.clone(),
            kind: self.kind.clone(),
            ring_timeout_s: self.ring_timeout_s,
            call_waiting: self.call_waiting,
            caller_id: self.caller_id.clone(),
            withhold_number: self.withhold_number,
            do_not_disturb: self.do_not_disturb,
        }
    }
}

impl ExtensionKind {
    /// Whether it is a number elsewhere.
    pub fn is_virtual(&self) -> bool {
        match self {
            ExtensionKind::Regular => false,
            ExtensionKind::Virtual { .. } => true,
        }
    }
}

impl From<Extension> for ExtensionDraft {
    fn from(extension: Extension) -> Self {
        ExtensionDraft {
            number: extension.number,
            name: extension.name,
            kind: extension.kind,
            ring_timeout_s: extension.ring_timeout_s,
            call_waiting: extension.call_waiting,
            caller_id: extension.caller_id,
            withhold_number: extension.withhold_number,
            do_not_disturb: extension.do_not_disturb,
        }
    }
}

impl ExtensionDraft {
    /// A draft with the defaults of the portal: its own phones ring for 30 s, call waiting on.
    pub fn new(number: ExtensionNumber, name: impl Into<String>) -> Self {
        ExtensionDraft {
            number,
            name: name.into(),
            kind: ExtensionKind::Regular,
            ring_timeout_s: limits::RING_TIMEOUT_S,
            call_waiting: true,
            caller_id: None,
            withhold_number: false,
            do_not_disturb: false,
        }
    }

    /// Finds everything that is wrong with the draft; empty when it can be stored.
    pub fn problems(&self) -> Vec<DraftProblem> {
        let mut problems = Vec::new();
        problems.extend(Problem::of_name(&self.name).map(|problem| DraftProblem::new("name", problem)));
        if !limits::RING_TIMEOUTS_S.contains(&self.ring_timeout_s) {
            problems.push(DraftProblem::new(
                "ring_timeout_s",
                Problem::OutOfRange {
                    least: u32::from(*limits::RING_TIMEOUTS_S.start()),
                    most: u32::from(*limits::RING_TIMEOUTS_S.end()),
                },
            ));
        }
        problems
    }
}
