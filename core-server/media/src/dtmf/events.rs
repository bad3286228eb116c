//! Key presses from telephone-event packets (RFC 4733 §2): each exactly once, whatever was lost, doubled or overtaken.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;

use crate::event::DtmfDigit;

/// Decodes the key presses of one leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DtmfDecoder {
    /// No key was pressed so far.
    #[default]
    Silent,
    /// A key is down.
    Pressed(Press),
    /// The last press began at this timestamp; this is when its last packet was heard.
    Released { timestamp: u32, heard: Tick },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Press {
    digit: DtmfDigit,
    timestamp: u32,
    /// Clock units of the segments before this one (RFC 4733 §2.5.1.3).
    earlier: u32,
    duration: u16,
    clock_rate: u32,
    heard: Tick,
}

/// A key that was pressed and released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyPress {
    pub(crate) digit: DtmfDigit,
    pub(crate) duration_ms: u32,
}

/// A press of which nothing more is heard has ended; all its end packets were lost.
const LOST_END: Duration = Duration::from_millis(300);

/// What comes later than this after a press is not a part of it, whatever its timestamp: the phone has begun anew.
const LATEST: Duration = Duration::from_secs(1);

impl DtmfDecoder {
    /// Takes one packet; answers the press that it ends, if any.
    pub(crate) fn hear(&mut self, timestamp: u32, payload: &[u8], clock_rate: u32, now: Tick) -> Option<KeyPress> {
        let &[event, flags, high, low, ..] = payload else {
            return None;
        };
        let digit = DtmfDigit::from_event(event)?;
        let (ends, duration) = (flags & 0x80 != 0, u16::from_be_bytes([high, low]));
        let mut finished = None;
        let mut press = Press {
            digit,
            timestamp,
            earlier: 0,
            duration,
            clock_rate,
            heard: now,
        };
        match *self {
            DtmfDecoder::Released { timestamp: last, heard } if !is_later(timestamp, last) && heard + LATEST > now => {
                *self = DtmfDecoder::Released {
                    timestamp: last,
                    heard: now,
                };
                return None;
            }
            DtmfDecoder::Pressed(known) if known.timestamp == timestamp => {
                press = Press {
                    duration: known.duration.max(duration),
                    heard: now,
                    ..known
                };
            }
            DtmfDecoder::Pressed(known) if !is_later(timestamp, known.timestamp) => return None,
            DtmfDecoder::Pressed(known) if known.continues_at(timestamp, digit) => {
                press.earlier = known.earlier.saturating_add(u32::from(u16::MAX));
            }
            DtmfDecoder::Pressed(known) => finished = Some(known.finish()),
            DtmfDecoder::Silent | DtmfDecoder::Released { .. } => {}
        }
        *self = DtmfDecoder::Pressed(press);
        // Two presses cannot end at once: where this packet ends its own, too, the timeout tells that one.
        if ends && finished.is_none() {
            *self = DtmfDecoder::Released { timestamp, heard: now };
            finished = Some(press.finish());
        }
        finished
    }

    /// Ends a press of which nothing is heard any more.
    pub(crate) fn handle_timeout(&mut self, now: Tick) -> Option<KeyPress> {
        match *self {
            DtmfDecoder::Pressed(press) if press.heard + LOST_END <= now => {
                *self = DtmfDecoder::Released {
                    timestamp: press.timestamp,
                    heard: press.heard,
                };
                Some(press.finish())
            }
            DtmfDecoder::Silent | DtmfDecoder::Pressed(_) | DtmfDecoder::Released { .. } => None,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Tick> {
        match self {
            DtmfDecoder::Pressed(press) => Some(press.heard + LOST_END),
            DtmfDecoder::Silent | DtmfDecoder::Released { .. } => None,
        }
    }
}

impl Press {
    /// A press longer than a duration field holds goes on in a new segment.
    fn continues_at(&self, timestamp: u32, digit: DtmfDigit) -> bool {
        self.digit == digit && timestamp.wrapping_sub(self.timestamp) == u32::from(u16::MAX)
    }

    fn finish(&self) -> KeyPress {
        let units = u64::from(self.earlier) + u64::from(self.duration);
        let millis = units * 1000 / u64::from(self.clock_rate.max(1));
        KeyPress {
            digit: self.digit,
            duration_ms: u32::try_from(millis).unwrap_or(u32::MAX),
        }
    }
}

fn is_later(timestamp: u32, than: u32) -> bool {
    timestamp != than && timestamp.wrapping_sub(than) < 0x8000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Keys {
        decoder: DtmfDecoder,
        heard: Vec<(char, u32)>,
        now: Tick,
    }

    impl Keys {
        fn new() -> Self {
            Keys {
                decoder: DtmfDecoder::default(),
                heard: Vec::new(),
                now: Tick::ZERO,
            }
        }

        fn packet(&mut self, timestamp: u32, key: char, ends: bool, duration: u16) -> &mut Self {
            let event = DtmfDigit::from_char(key).expect("a key").event();
            let [high, low] = duration.to_be_bytes();
            let payload = [event, u8::from(ends) << 7 | 10, high, low];
            self.now += Duration::from_millis(20);
            let press = self.decoder.hear(timestamp, &payload, 8_000, self.now);
            self.note(press)
        }

        fn wait(&mut self) -> &mut Self {
            self.now += LOST_END;
            let press = self.decoder.handle_timeout(self.now);
            self.note(press)
        }

        fn note(&mut self, press: Option<KeyPress>) -> &mut Self {
            self.heard
                .extend(press.map(|press| (press.digit.as_char(), press.duration_ms)));
            self
        }
    }

    #[test]
    fn three_end_packets_are_one_press() {
        let mut keys = Keys::new();
        keys.packet(100, '5', false, 160).packet(100, '5', false, 320);
        for _ in 0..3 {
            keys.packet(100, '5', true, 800);
        }
        keys.wait().packet(5_000, '5', true, 400);
        assert_eq!(keys.heard, [('5', 100), ('5', 50)]);
    }

    #[test]
    fn a_lost_end_is_made_up_by_the_next_key_or_by_time() {
        let mut keys = Keys::new();
        keys.packet(100, '1', false, 800).packet(9_000, '2', true, 800).wait();
        assert_eq!(keys.heard, [('1', 100), ('2', 100)]);
        keys.packet(20_000, '3', false, 400)
            .wait()
            .wait()
            .packet(20_000, '3', true, 800);
        assert_eq!(keys.heard, [('1', 100), ('2', 100), ('3', 50)]);
    }

    #[test]
    fn overtaken_packets_change_nothing() {
        let mut keys = Keys::new();
        keys.packet(9_000, '2', false, 160)
            .packet(100, '1', true, 800)
            .packet(9_000, '2', true, 800);
        keys.packet(9_000, '2', false, 320).wait();
        assert_eq!(keys.heard, [('2', 100)]);
    }

    #[test]
    fn a_phone_that_begins_anew_with_earlier_timestamps_is_understood() {
        let mut keys = Keys::new();
        keys.packet(9_000, '1', true, 800).packet(9_000, '1', true, 800);
        keys.now += LATEST;
        keys.packet(9_000, '1', true, 800).packet(9_000, '1', true, 800);
        keys.now += LATEST;
        keys.packet(100, '2', false, 160).packet(100, '2', true, 800);
        assert_eq!(keys.heard, [('1', 100), ('1', 100), ('2', 100)]);
    }

    #[test]
    fn a_long_press_goes_on_in_segments() {
        let mut keys = Keys::new();
        keys.packet(0, '#', false, 65_535)
            .packet(65_535, '#', false, 800)
            .packet(65_535, '#', true, 1_601);
        assert_eq!(keys.heard, [('#', 8_392)]);
    }

    #[test]
    fn what_is_no_key_is_ignored() {
        let mut decoder = DtmfDecoder::default();
        assert_eq!(decoder.hear(1, &[16, 0x80, 0, 1], 8_000, Tick::ZERO), None);
        assert_eq!(decoder.hear(1, &[1, 0x80, 0], 8_000, Tick::ZERO), None);
        assert_eq!(decoder, DtmfDecoder::Silent);
    }
}
