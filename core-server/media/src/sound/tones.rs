//! The UK supervisory tones as tables (BT SIN 350, ITU-T E.180 supplement 2, E.182), key tones (ITU-T Q.23), a melody.

use serde::{Deserialize, Serialize};

use crate::event::DtmfDigit;

/// A sound without an end that is made from a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// The called phone rings: 400 + 450 Hz, 0.4 s on, 0.2 off, 0.4 on, 2.0 off.
    Ringing,
    /// Ready for dialling: 350 + 440 Hz.
    Dial,
    /// Ready for dialling, and something is waiting or set: 350 + 440 Hz and 440 Hz by turns, 0.75 s each.
    SpecialDial,
    /// The called party is engaged: 400 Hz, 0.375 s on and off.
    Busy,
    /// No way through at the moment: 400 Hz, 0.4 s on, 0.35 off, 0.225 on, 0.525 off.
    Congestion,
    /// No such number: 400 Hz without a break.
    NumberUnobtainable,
    /// An announcement follows about why there is no way through: 950, 1400, 1800 Hz, 0.33 s each, 1 s off.
    SpecialInformation,
    /// Somebody else is calling: a pip of 400 Hz, 0.1 s, every 4 s.
    CallWaiting,
    /// What was dialled is done: 1400 Hz, two pips of 0.2 s every 2 s.
    Confirmation,
    /// What was dialled is refused: 400 Hz for 0.2 s and 1004 Hz for 0.3 s by turns.
    Error,
    /// Music for who waits, where nobody gave any: bells on four chords, 8 s.
    Melody,
    /// A key, heard as its two frequencies.
    Key(DtmfDigit),
    /// One frequency without a break.
    Steady {
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
pub(super) enum Sines {
    None,
    One(Sine),
    Two(Sine, Sine),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Sine {
    pub(super) hz: u16,
    pub(super) level_dbm0: i8,
}

/// Sines for a while.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) sines: Sines,
    pub(super) ms: u32,
    pub(super) shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Steady,
    /// Struck, then dying away.
    Bell,
}

/// What a tone consists of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Course {
    Steady(Sines),
    /// One after the other, again and again.
    Parts(&'static [Part]),
}

impl Tone {
    pub(super) fn course(self) -> Course {
        match self {
            Tone::Ringing => {
                Course::Parts(const { &[on(pair(400, 450), 400), off(200), on(pair(400, 450), 400), off(2000)] })
            }
            Tone::Dial => Course::Steady(pair(350, 440)),
            Tone::SpecialDial => Course::Parts(const { &[on(pair(350, 440), 750), on(single(440), 750)] }),
            Tone::Busy => Course::Parts(const { &[on(single(400), 375), off(375)] }),
            Tone::Congestion => {
                Course::Parts(const { &[on(single(400), 400), off(350), on(single(400), 225), off(525)] })
            }
            Tone::NumberUnobtainable => Course::Steady(single(400)),
            Tone::SpecialInformation => Course::Parts(
                const {
                    &[
                        on(single(950), 330),
                        on(single(1400), 330),
                        on(single(1800), 330),
                        off(1000),
                    ]
                },
            ),
            Tone::CallWaiting => Course::Parts(const { &[on(single(400), 100), off(3900)] }),
            Tone::Confirmation => {
                Course::Parts(const { &[on(single(1400), 200), off(150), on(single(1400), 200), off(1450)] })
            }
            Tone::Error => Course::Parts(const { &[on(single(400), 200), on(single(1004), 300)] }),
            Tone::Melody => Course::Parts(&MELODY),
            Tone::Key(digit) => Course::Steady(key(digit)),
            Tone::Steady { hz, level_dbm0 } => Course::Steady(Sines::One(Sine { hz, level_dbm0 })),
            Tone::Silence => Course::Steady(Sines::None),
        }
    }
}

/// The frequencies of the four rows of keys, and of the four columns.
pub(crate) const ROWS: [u16; 4] = [697, 770, 852, 941];
pub(crate) const COLUMNS: [u16; 4] = [1209, 1336, 1477, 1633];

/// The keys as they lie on the pad: `KEYPAD[row][column]` is the event code of RFC 4733.
pub(crate) const KEYPAD: [[u8; 4]; 4] = [[1, 2, 3, 12], [4, 5, 6, 13], [7, 8, 9, 14], [10, 0, 11, 15]];

fn key(digit: DtmfDigit) -> Sines {
    let places = KEYPAD.iter().zip(ROWS).flat_map(|(keys, row)| {
        let columns = keys.iter().zip(COLUMNS);
        columns.map(move |(key, column)| (*key, row, column))
    });
    let mut found = places.filter(|(key, ..)| *key == digit.event());
    found.next().map_or(Sines::None, |(_, row, column)| {
        // ITU-T Q.23: the higher one somewhat louder, since lines weaken it more.
        let (low, high) = (Sine::new(row, -9), Sine::new(column, -7));
        Sines::Two(low, high)
    })
}

impl Sine {
    const fn new(hz: u16, level_dbm0: i8) -> Self {
        Sine { hz, level_dbm0 }
    }
}

const fn on(sines: Sines, ms: u32) -> Part {
    Part {
        sines,
        ms,
        shape: Shape::Steady,
    }
}

const fn off(ms: u32) -> Part {
    on(Sines::None, ms)
}

const fn single(hz: u16) -> Sines {
    Sines::One(Sine::new(hz, -13))
}

/// Two sines at 3 dB less each are as loud as one.
const fn pair(low: u16, high: u16) -> Sines {
    Sines::Two(Sine::new(low, -16), Sine::new(high, -16))
}

/// A bell with its octave.
const fn bell(hz: u16) -> Part {
    Part {
        sines: Sines::Two(Sine::new(hz, -14), Sine::new(2 * hz, -24)),
        ms: 250,
        shape: Shape::Bell,
    }
}

/// C major, A minor, F major and G major, broken upwards and down again.
const MELODY: [Part; 32] = [
    bell(523),
    bell(659),
    bell(784),
    bell(1047),
    bell(784),
    bell(659),
    bell(784),
    bell(659),
    bell(440),
    bell(523),
    bell(659),
    bell(880),
    bell(659),
    bell(523),
    bell(659),
    bell(523),
    bell(349),
    bell(440),
    bell(523),
    bell(698),
    bell(523),
    bell(440),
    bell(523),
    bell(440),
    bell(392),
    bell(494),
    bell(587),
    bell(784),
    bell(587),
    bell(494),
    bell(587),
    bell(494),
];
