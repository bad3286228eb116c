//! Changes on top of somebody else's change are told, not lost: whoever changes something says which revision of it
//! the change is based on.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;
use wigwag_model::Revision;

use crate::error::Refusal;

/// Somebody else has changed it meanwhile.
#[derive(Debug, Error)]
#[error("somebody else has changed this meanwhile")]
pub(crate) struct ChangedMeanwhile {
    current: Value,
}

impl ChangedMeanwhile {
    /// It is `current` by now.
    pub(crate) fn to(current: &impl Serialize) -> Self {
        let current = serde_json::to_value(current).expect("what is answered is plain JSON");
        ChangedMeanwhile { current }
    }
}

/// Refuses a change that is based on another revision than `now`; `current` is what the answer shows.
pub(crate) fn require_revision(
    based_on: Revision,
    now: Revision,
    current: &impl Serialize,
) -> Result<(), ChangedMeanwhile> {
    if based_on == now {
        return Ok(());
    }
    Err(ChangedMeanwhile::to(current))
}

impl Refusal for ChangedMeanwhile {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }

    fn code(&self) -> &'static str {
        "changed_meanwhile"
    }

    fn current(&self) -> Option<Value> {
        Some(self.current.clone())
    }
}
