//! What a call wants of the media plane.

use serde::{Deserialize, Serialize};
use wigwag_model::LegId;
use wigwag_sip::sdp::Agreement;

use super::Prompt;
use crate::registrar::Reach;

/// Something to do with a leg's sound.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum MediaCommand {
    /// Take ports for a leg; `Input::Opened` follows.
    Open {
        /// The leg.
        leg: LegId,
        /// Its phone's flow, whose address family and local address the ports must fit.
        reach: Reach,
    },
    /// Apply what offer and answer came to.
    Configure {
        /// The leg.
        leg: LegId,
        /// What was agreed.
        agreement: Box<Agreement>,
    },
    /// The two hear each other from now on.
    Bridge {
        /// The one.
        first: LegId,
        /// The other.
        second: LegId,
    },
    /// The leg hears itself from now on.
    Echo {
        /// The leg.
        leg: LegId,
    },
    /// The two do not hear each other any more.
    Part {
        /// The one.
        first: LegId,
        /// The other.
        second: LegId,
    },
    /// The leg hears something from the exchange; `Observed::Played` follows, where that has an end.
    Play {
        /// The leg.
        leg: LegId,
        /// What it hears.
        prompt: Prompt,
    },
    /// The leg's keys are told from now on, as well as passed on.
    Listen {
        /// The leg.
        leg: LegId,
    },
    /// All of them hear each other from now on.
    Confer {
        /// Who.
        legs: Vec<LegId>,
    },
    /// What is played to the leg stops.
    Stop {
        /// The leg.
        leg: LegId,
    },
    /// The leg is over: give its ports back and measure its sound; `Observed::Measured` follows.
    Close {
        /// The leg.
        leg: LegId,
    },
}
