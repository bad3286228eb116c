//! Call plans: what is to be done with a call, as data that can be shown, stored and compared.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_model::{ExtensionId, HangupCause, Party};

/// What is to be done with a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Plan {
    /// Ring somebody.
    Ring(Ring),
    /// The exchange itself answers.
    Treat(Treatment),
    /// The call goes nowhere.
    Reject(HangupCause),
}

/// Whom to ring, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// All of them ring at once.
    pub targets: Vec<Target>,
    /// Then the call counts as unanswered.
    pub timeout: Duration,
}

/// One contact to ring. Targets are extensions, not registrations: a device that registers meanwhile joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Target {
    /// All devices of an extension.
    Extension(ExtensionId),
}

/// What the exchange can do with a caller by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Treatment {
    /// The caller hears the own voice.
    Echo,
}

/// The plan for a call, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What to do.
    pub plan: Plan,
    /// Whom the caller is calling, where that is somebody.
    pub callee: Option<Party>,
    /// Each consideration in order, for people to read.
    pub trace: Vec<super::TraceStep>,
}
