//! What a call asks about its company's configuration while it runs.

use serde::{Deserialize, Serialize};
use wigwag_model::HangupCause;
use wigwag_sansio::Utc;

use crate::{
    TenantSnapshot,
    routing::{self, Arm, Attempt, Course, Decision, TraceStep},
};

/// Something that depends on the company's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// What follows when nobody has answered.
    After {
        /// Who calls whom.
        attempt: Attempt,
        /// Where the call stands.
        course: Course,
        /// Why nobody has answered.
        cause: HangupCause,
    },
    /// Where a call goes that one of its legs sends on.
    Transfer {
        /// Who is sent where, and by whom.
        attempt: Attempt,
    },
    /// Who rings for an arm that has fallen out.
    Instead {
        /// Who calls whom.
        attempt: Attempt,
        /// Where the arm stood.
        course: Course,
        /// Why it fell out.
        cause: HangupCause,
    },
}

/// What was decided.
#[derive(Clone, Debug)]
pub enum Answer {
    /// What follows when nobody has answered.
    Follows(Decision),
    /// Where a call goes that one of its legs sends on.
    Transferred(Decision),
    /// Who rings for an arm that has fallen out.
    Instead(Vec<Arm>),
}

impl Question {
    /// The answer by the configuration as it stands, and the considerations that led to it.
    pub fn answer(&self, snapshot: &TenantSnapshot, at: Utc) -> (Answer, Vec<TraceStep>) {
        match self {
            Question::After { attempt, course, cause } => {
                let mut decision = routing::after(snapshot, attempt, course, *cause, at);
                let trace = std::mem::take(&mut decision.trace);
                (Answer::Follows(decision), trace)
            }
            Question::Transfer { attempt } => {
                let mut decision = routing::plan(snapshot, attempt, at);
                let trace = std::mem::take(&mut decision.trace);
                (Answer::Transferred(decision), trace)
            }
            Question::Instead { attempt, course, cause } => {
                let (arms, trace) = routing::instead(snapshot, attempt, course, *cause, at);
                (Answer::Instead(arms), trace)
            }
        }
    }
}
