//! The UK supervisory tones as tables (BT SIN 350, ITU-T E.180).

use serde::{Deserialize, Serialize};

/// A sound that a leg can be made to hear; it lasts until it is stopped or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sound {
    /// The called phone rings: 400 + 450 Hz, 0.4 s on, 0.2 off, 0.4 on, 2.0 off.
    RingingTone,
    /// Ready for dialling: 350 + 440 Hz.
    DialTone,
    /// The called party is engaged: 400 Hz, 0.375 s on and off.
    BusyTone,
    /// No way through at the moment: 400 Hz, 0.4 s on, 0.35 off, 0.225 on, 0.525 off.
    CongestionTone,
    /// No such number: 400 Hz without a break.
    NumberUnobtainable,
    /// One frequency without a break.
    Tone {
        /// Frequency in hertz, below 3400 to be heard on every phone.
        hz: u16,
        /// Level in dBm0, at most 3; telephone tones are around −13.
        level_dbm0: i8,
    },
    /// Packets of silence, which keep the way through a NAT open.
    Silence,
}
