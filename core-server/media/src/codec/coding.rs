//! The codecs that we speak ourselves.

use serde::{Deserialize, Serialize};
use wigwag_sip::sdp::{Agreement, Codec, Format};

/// A codec of ours, in a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Coding {
    Alaw,
    Ulaw,
    G722,
    Opus,
}

impl Coding {
    pub(crate) fn of(codec: &Codec) -> Option<Coding> {
        let known = [
            (Codec::PCMA, Coding::Alaw),
            (Codec::PCMU, Coding::Ulaw),
            (Codec::G722, Coding::G722),
            (Codec::OPUS, Coding::Opus),
        ];
        known
            .into_iter()
            .find(|(name, _)| name == codec)
            .map(|(_, coding)| coding)
    }

    /// What a leg wants most to hear among what we can speak.
    pub(crate) fn spoken_to(agreement: &Agreement) -> Option<(Coding, &Format)> {
        let formats = agreement.send.codecs.iter();
        formats
            .filter_map(|format| Some((Coding::of(&format.codec)?, format)))
            .next()
    }

    /// The highest sample rate that this codec has a use for, in hertz.
    pub(crate) const fn widest_rate(self) -> u32 {
        match self {
            Coding::Alaw | Coding::Ulaw => 8_000,
            Coding::G722 => 16_000,
            Coding::Opus => 48_000,
        }
    }

    /// The sample rate at which this codec works where `wanted` is asked for: Opus takes any of ours.
    pub(crate) const fn working_rate(self, wanted: u32) -> u32 {
        match self {
            Coding::Alaw | Coding::Ulaw | Coding::G722 => self.widest_rate(),
            Coding::Opus => wanted,
        }
    }

    /// Units of the RTP timestamp in a millisecond.
    pub(crate) const fn clock_per_ms(self) -> u32 {
        match self {
            Coding::Alaw | Coding::Ulaw | Coding::G722 => 8,
            Coding::Opus => 48,
        }
    }
}
