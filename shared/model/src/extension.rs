//! A phone extension (S074–S093).

use serde::{Deserialize, Serialize};
use wigwag_sansio::Utc;

use crate::{DraftProblem, ExtensionId, ExtensionNumber, Problem, SipUsername, TenantId, limits};

/// A 3-digit internal number and what rings there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its identity.
    pub id: ExtensionId,
    /// The company it belongs to.
    pub tenant_id: TenantId,
    /// What colleagues dial.
    pub number: ExtensionNumber,
    /// What its devices register as.
    pub sip_username: SipUsername,
    /// Shown to whoever is called from here.
    pub name: String,
    /// How long it rings before the call counts as unanswered, in seconds (S079).
    pub ring_timeout_s: u16,
    /// Whether one more call is offered while one is active (S081, A20).
    pub call_waiting: bool,
    /// When it was made.
    pub created_at: Utc,
}

/// What a person says of an extension that is to be made or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionDraft {
    /// What colleagues dial.
    pub number: ExtensionNumber,
    /// Shown to whoever is called from here.
    pub name: String,
    /// How long it rings, in seconds.
    pub ring_timeout_s: u16,
    /// Whether one more call is offered while one is active.
    pub call_waiting: bool,
}

impl ExtensionDraft {
    /// A draft with the defaults of the portal: 30 s, call waiting on.
    pub fn new(number: ExtensionNumber, name: impl Into<String>) -> Self {
        ExtensionDraft {
            number,
            name: name.into(),
            ring_timeout_s: limits::RING_TIMEOUT_S,
            call_waiting: true,
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
