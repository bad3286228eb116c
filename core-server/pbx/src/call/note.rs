//! What happened inside a call beyond the journal's facts: for whoever asks why it went as it did.

use std::fmt;

use serde::{Deserialize, Serialize};
use wigwag_model::{CallId, HangupCause, LegId};

/// Something that a call considered or noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// So many phones are rung.
    Rings {
        /// How many.
        phones: usize,
    },
    /// A target cannot be rung.
    NotRung {
        /// Why.
        cause: HangupCause,
    },
    /// A carrier does not take the call, and the next one is tried.
    NextWay {
        /// The leg that it did not take.
        leg: LegId,
    },
    /// A phone registered while the call was ringing, and rings too.
    Joined,
    /// Nobody answered in time.
    RangOut,
    /// A phone refused encrypted sound and is asked again without.
    PlainSoundInstead {
        /// The leg that refused.
        leg: LegId,
    },
    /// A phone has sent nothing for so long.
    Silent {
        /// Whose.
        leg: LegId,
        /// For how long.
        seconds: u64,
    },
    /// A silent phone is heard again.
    Heard {
        /// Whose.
        leg: LegId,
    },
    /// A leg's proposal was refused by the other leg.
    ProposalRefused {
        /// Whose proposal.
        leg: LegId,
        /// The SIP status.
        status: u16,
    },
    /// A description could not be used.
    BadDescription {
        /// Whose.
        leg: LegId,
    },
    /// A connection is gone; the call goes on.
    ConnectionLost {
        /// Whose.
        leg: LegId,
    },
    /// A leg is sent on to somebody else by the other one.
    SentOn {
        /// Who is sent on.
        leg: LegId,
    },
    /// Nobody has taken the call, and whoever sent it on and hung up is rung.
    Recalled {
        /// Who sent it on.
        leg: LegId,
    },
    /// A leg has answered and is asked whether it accepts the call.
    Screened {
        /// Which.
        leg: LegId,
    },
    /// A leg asks somebody before it sends the other side there.
    Asks {
        /// Which.
        leg: LegId,
    },
    /// Three legs hear each other.
    AllThree,
    /// What is left of the call goes on in another one.
    Merged {
        /// Which.
        into: CallId,
    },
    /// No other call takes a leg that wants to go there.
    NotMerged {
        /// Which.
        leg: LegId,
        /// The SIP status.
        status: u16,
    },
    /// A leg has come from another call.
    Joins {
        /// Its number here.
        leg: LegId,
    },
    /// A leg is parked.
    Parked {
        /// Which.
        leg: LegId,
        /// Where.
        place: u8,
    },
    /// The call had no end for a day and was ended.
    Reaped,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Rings { phones: 1 } => f.write_str("One phone is rung"),
            Note::Rings { phones } => write!(f, "{phones} phones are rung"),
            Note::NotRung { cause } => write!(f, "Nothing is rung: {}", cause.words()),
            Note::NextWay { leg } => write!(
                f,
                "The carrier of leg {} does not take the call: the next one is tried",
                leg.0
            ),
            Note::Joined => f.write_str("A phone has registered meanwhile and rings too"),
            Note::RangOut => f.write_str("Nobody answered in time"),
            Note::PlainSoundInstead { leg } => {
                write!(
                    f,
                    "The phone of leg {} refuses encrypted sound: asked again without",
                    leg.0
                )
            }
            Note::Silent { leg, seconds } => write!(f, "Nothing heard from leg {} for {seconds} s", leg.0),
            Note::Heard { leg } => write!(f, "Leg {} is heard again", leg.0),
            Note::ProposalRefused { leg, status } => {
                write!(
                    f,
                    "What leg {} proposed was refused by the other side ({status})",
                    leg.0
                )
            }
            Note::BadDescription { leg } => write!(f, "The session description of leg {} cannot be used", leg.0),
            Note::ConnectionLost { leg } => write!(f, "The connection of leg {} is gone; the call goes on", leg.0),
            Note::SentOn { leg } => write!(f, "Leg {} is sent on to somebody else", leg.0),
            Note::Recalled { leg } => write!(
                f,
                "Nobody takes the call: whoever sent it on from leg {} is rung",
                leg.0
            ),
            Note::Screened { leg } => write!(f, "Leg {} has answered, and has to press 1 to take the call", leg.0),
            Note::Asks { leg } => write!(f, "Leg {} asks first; the other side hears music", leg.0),
            Note::AllThree => f.write_str("All three hear each other"),
            Note::Merged { into } => write!(f, "What is left of the call goes on in {into}"),
            Note::NotMerged { leg, status } => write!(f, "No other call takes leg {} ({status})", leg.0),
            Note::Joins { leg } => write!(f, "Leg {} has come from another call", leg.0),
            Note::Parked { leg, place } => write!(f, "Leg {} is parked at {place}", leg.0),
            Note::Reaped => f.write_str("The call lasted a day and was ended"),
        }
    }
}
