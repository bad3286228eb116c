//! Why a call was decided as it was: one step for each consideration, in words that a company's admin understands.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{ExtensionNumber, HangupCause};

use super::{feature::FeatureCode, plan::Treatment};

/// One consideration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum TraceStep {
    /// An extension of the company calls.
    Caller {
        /// Its number.
        extension: ExtensionNumber,
        /// Its name.
        name: String,
    },
    /// What was dialled.
    Dialled {
        /// As it arrived.
        text: SmolStr,
    },
    /// A star code was recognised.
    Feature {
        /// Which.
        code: FeatureCode,
    },
    /// The number is an extension of the company.
    Extension {
        /// Its number.
        number: ExtensionNumber,
        /// Its name.
        name: String,
        /// How long it rings.
        ring_timeout_s: u16,
    },
    /// Nobody in the company has that number.
    NobodyHas {
        /// As dialled.
        text: SmolStr,
    },
    /// A bare police or health number that has to be dialled with 44 (A16).
    NeedsPrefix {
        /// What to dial instead.
        dial: SmolStr,
    },
    /// The number is outside, and the company has no outside line.
    NoOutsideLine,
    /// An emergency number, and the platform has no emergency gateway.
    NoEmergencyGateway,
    /// The exchange takes the call itself.
    Treat {
        /// How.
        treatment: Treatment,
    },
    /// The call is refused.
    Refused {
        /// Why.
        cause: HangupCause,
    },
}

impl fmt::Display for TraceStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TraceStep::Caller { extension, name } => write!(f, "Extension {extension} ({name}) calls"),
            TraceStep::Dialled { text } => write!(f, "Dialled: {text}"),
            TraceStep::Feature {
                code: FeatureCode::Echo,
            } => f.write_str("*52 is the echo test"),
            TraceStep::Extension {
                number,
                name,
                ring_timeout_s,
            } => {
                write!(
                    f,
                    "{number} is the extension “{name}”: its phones ring for {ring_timeout_s} s"
                )
            }
            TraceStep::NobodyHas { text } => write!(f, "Nobody in the company has the number {text}"),
            TraceStep::NeedsPrefix { dial } => {
                write!(f, "No extension has that number; for the public service dial {dial}")
            }
            TraceStep::NoOutsideLine => f.write_str("That is an outside number, and the company has no outside line"),
            TraceStep::NoEmergencyGateway => {
                f.write_str("That is an emergency number, and no emergency gateway is connected")
            }
            TraceStep::Treat {
                treatment: Treatment::Echo,
            } => f.write_str("The exchange answers and echoes"),
            TraceStep::Refused { cause } => write!(f, "Refused: {}", cause.words()),
        }
    }
}
