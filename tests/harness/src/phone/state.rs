//! What a phone knows of one of its calls.

use wigwag_sip::session::{Ended, EndedBy};

/// What a phone knows of one of its calls.
#[derive(Clone, Debug, Default)]
pub struct CallState {
    /// Provisional answers heard, by status.
    pub progress: Vec<u16>,
    /// Whether it was answered, by either side.
    pub is_answered: bool,
    /// Whether the other side does not want to hear us.
    pub is_held: bool,
    /// How many of our proposals were accepted.
    pub accepted: u32,
    /// With which status our proposals were refused.
    pub refused: Vec<u16>,
    /// How it ended.
    pub over: Option<Over>,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub struct Over {
    /// Who ended it.
    pub by: EndedBy,
    /// The final status, when it was not answered.
    pub status: Option<u16>,
    /// The Reason headers of the message that ended it.
    pub reasons: Vec<String>,
}

impl From<&Ended> for Over {
    fn from(ended: &Ended) -> Over {
        Over {
            by: ended.by,
            status: ended.status.map(|status| status.as_u16()),
            reasons: ended.reasons.iter().map(ToString::to_string).collect(),
        }
    }
}
