//! What part of the history is asked for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use wigwag_model::{CallId, CallRecord, ExtensionId, Outcome};
use wigwag_sansio::Utc;

/// Which calls are wanted; the default is all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Only calls that this extension took part in: it called, was called, or rang.
    pub extension_id: Option<ExtensionId>,
    /// Only calls that started then or later.
    pub from: Option<Utc>,
    /// Only calls that started before then.
    pub until: Option<Utc>,
    /// Only calls that ended so.
    pub outcome: Option<Outcome>,
}

/// Calls, the newest first, and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallPage {
    /// The calls.
    pub records: Vec<CallRecord>,
    /// What to ask for the next page with; `None` on the last one.
    pub next: Option<CallCursor>,
}

/// The last call of a page; its text is opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallCursor {
    pub(super) started_at: Utc,
    pub(super) id: CallId,
}

/// The text is not one that a page gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the cursor of a page")]
pub struct CallCursorError;

impl fmt::Display for CallCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.started_at.as_millis(), self.id)
    }
}

impl FromStr for CallCursor {
    type Err = CallCursorError;

    fn from_str(text: &str) -> Result<Self, CallCursorError> {
        let (started_at, id) = text.split_once('_').ok_or(CallCursorError)?;
        Ok(CallCursor {
            started_at: Utc::from_millis(started_at.parse().map_err(|_| CallCursorError)?),
            id: id.parse().map_err(|_| CallCursorError)?,
        })
    }
}

impl TryFrom<String> for CallCursor {
    type Error = CallCursorError;

    fn try_from(text: String) -> Result<Self, CallCursorError> {
        text.parse()
    }
}

impl From<CallCursor> for String {
    fn from(cursor: CallCursor) -> String {
        cursor.to_string()
    }
}
