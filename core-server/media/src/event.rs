//! What media threads report.

use std::{fmt, net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use wigwag_sansio::Pii;

use crate::{
    key::{LegKey, RoomKey},
    sound::Position,
    statistics::LegStatistics,
};

/// Something that happened on a leg, told to the function given to [`MediaPlane::start`](crate::MediaPlane::start).
#[derive(Clone, Debug)]
pub enum MediaEvent {
    /// The leg's peer is known by a packet of its own; from here on only `remote` is listened to.
    Latched {
        /// The leg.
        leg: LegKey,
        /// Where its sound comes from and goes to.
        remote: Pii<SocketAddr>,
    },
    /// Nothing was heard of the leg's peer for a while, though it may send; repeated while it lasts.
    NoMedia {
        /// The leg.
        leg: LegKey,
        /// Since the last packet, or since the leg was last configured to receive.
        silent_for: Duration,
    },
    /// A packet arrived after [`NoMedia`](MediaEvent::NoMedia).
    MediaResumed {
        /// The leg.
        leg: LegKey,
    },
    /// A key was pressed and released: exactly one event for each key press, at most 16 a second.
    Dtmf {
        /// The leg.
        leg: LegKey,
        /// The key.
        digit: DtmfDigit,
        /// How long it was held.
        duration_ms: u32,
        /// Whether who listens to the leg hears it too; if not, it may be told by other means (SIP INFO,
        /// [`press`](crate::MediaPlane::press)).
        passed_on: bool,
    },
    /// A programme was heard to its end.
    Played {
        /// The leg that heard it.
        leg: LegKey,
        /// The programme's number.
        programme: u32,
    },
    /// A programme was ended before it was over: by a command, or by the next one.
    Stopped {
        /// The leg that heard it.
        leg: LegKey,
        /// The programme's number.
        programme: u32,
        /// How far it was heard.
        position: Position,
    },
    /// Somebody else than before is the one who speaks in a room.
    Speaks {
        /// The leg that speaks.
        leg: LegKey,
        /// The room.
        room: RoomKey,
    },
    /// The leg is gone, its ports rest; always the last event of a leg.
    Closed {
        /// The leg.
        leg: LegKey,
        /// Figures over its whole life.
        statistics: Box<LegStatistics>,
    },
}

impl MediaEvent {
    /// The leg that the event is about.
    pub fn leg(&self) -> LegKey {
        match self {
            MediaEvent::Latched { leg, .. }
            | MediaEvent::NoMedia { leg, .. }
            | MediaEvent::MediaResumed { leg }
            | MediaEvent::Dtmf { leg, .. }
            | MediaEvent::Played { leg, .. }
            | MediaEvent::Stopped { leg, .. }
            | MediaEvent::Speaks { leg, .. }
            | MediaEvent::Closed { leg, .. } => *leg,
        }
    }
}

/// One of the sixteen keys `0`–`9`, `*`, `#`, `A`–`D` (RFC 4733 §3.2); what people press is private, so `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DtmfDigit(u8);

impl DtmfDigit {
    /// The key with event code `code`, if it is one of the sixteen.
    pub const fn from_event(code: u8) -> Option<Self> {
        if code < 16 { Some(DtmfDigit(code)) } else { None }
    }

    /// The key that prints as `symbol`.
    pub fn from_char(symbol: char) -> Option<Self> {
        let index = SYMBOLS.iter().position(|s| char::from(*s) == symbol)?;
        u8::try_from(index).ok().map(DtmfDigit)
    }

    /// The event code of RFC 4733 table 3.
    pub const fn event(self) -> u8 {
        self.0
    }

    /// The key as people write it.
    pub fn as_char(self) -> char {
        char::from(SYMBOLS[usize::from(self.0)])
    }
}

impl fmt::Debug for DtmfDigit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

const SYMBOLS: &[u8; 16] = b"0123456789*#ABCD";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_symbols_and_are_not_printed() {
        for code in 0..16 {
            let digit = DtmfDigit::from_event(code).expect("sixteen keys");
            assert_eq!(DtmfDigit::from_char(digit.as_char()), Some(digit));
        }
        assert_eq!(DtmfDigit::from_event(16), None);
        assert_eq!(format!("{:?}", DtmfDigit(5)), "[key]");
    }
}
