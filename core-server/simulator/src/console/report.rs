//! What a carrier tells on its console: a line of JSON, or a sentence.

use std::fmt;

use serde::Serialize;

use crate::{
    heard::Heard,
    record::CallState,
    seen::{Outcome, SeenCall},
};

/// What a carrier tells on its console.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Report {
    /// A call to the carrier, as it is now.
    Seen(Box<SeenCall>),
    /// A call of the carrier's own, as it is now.
    Call {
        /// Its number.
        call: u32,
        /// What is known of it.
        #[serde(flatten)]
        state: CallState,
    },
    /// What is heard in a call of the carrier's own; nothing where it is over.
    Heard {
        /// Its number.
        call: u32,
        /// What is heard.
        heard: Option<Heard>,
    },
    /// A command was not carried out.
    Refused {
        /// Why not.
        reason: String,
    },
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Report::Seen(seen) => {
                write!(f, "{} is called by {}: ", seen.called, seen.from)?;
                outcome(seen.outcome, f)
            }
            Report::Call { call, state } => {
                write!(f, "call {call}: ")?;
                match &state.over {
                    Some(over) => match over.status {
                        Some(status) => write!(f, "over, with {status}"),
                        None => f.write_str("over"),
                    },
                    None if state.is_held => f.write_str("held"),
                    None if state.is_answered => f.write_str("answered"),
                    None if state.progress.is_empty() => f.write_str("under way"),
                    None => f.write_str("rings"),
                }
            }
            Report::Heard { call, heard } => match heard.as_ref().and_then(|heard| heard.hz) {
                Some(hz) => write!(f, "call {call} hears {hz} Hz"),
                None => write!(f, "call {call} hears nothing"),
            },
            Report::Refused { reason } => f.write_str(reason),
        }
    }
}

fn outcome(outcome: Outcome, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match outcome {
        Outcome::Silent => f.write_str("not answered at all"),
        Outcome::Waiting => f.write_str("not answered yet"),
        Outcome::Talking => f.write_str("answered"),
        Outcome::Refused(status) => write!(f, "refused with {status}"),
        Outcome::GivenUp => f.write_str("given up"),
        Outcome::Ended(_) => f.write_str("over"),
    }
}
