//! The UK supervisory tones as tables (BT SIN 350, ITU-T E.180 supplement 2).

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
        /// Level in dBm0, at most 3; the tones above are at −13 in all.
        level_dbm0: i8,
    },
    /// Packets of silence, which keep the way through a NAT open.
    Silence,
}

/// Sines that sound together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sines {
    None,
    One(Sine),
    Two(Sine, Sine),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Sine {
    pub(crate) hz: u16,
    pub(crate) level_dbm0: i8,
}

/// Milliseconds on, then off, again and again; empty is without a break.
pub(crate) type Cadence = &'static [(u32, u32)];

impl Sound {
    pub(crate) fn table(self) -> (Sines, Cadence) {
        match self {
            Sound::RingingTone => (pair(400, 450), &[(400, 200), (400, 2000)]),
            Sound::DialTone => (pair(350, 440), &[]),
            Sound::BusyTone => (single(400), &[(375, 375)]),
            Sound::CongestionTone => (single(400), &[(400, 350), (225, 525)]),
            Sound::NumberUnobtainable => (single(400), &[]),
            Sound::Tone { hz, level_dbm0 } => (Sines::One(Sine { hz, level_dbm0 }), &[]),
            Sound::Silence => (Sines::None, &[]),
        }
    }
}

const fn single(hz: u16) -> Sines {
    Sines::One(Sine { hz, level_dbm0: -13 })
}

/// Two sines at 3 dB less each are as loud as one.
const fn pair(low: u16, high: u16) -> Sines {
    let (low, high) = (
        Sine {
            hz: low,
            level_dbm0: -16,
        },
        Sine {
            hz: high,
            level_dbm0: -16,
        },
    );
    Sines::Two(low, high)
}
