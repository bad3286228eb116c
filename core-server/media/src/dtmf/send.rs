//! A key press as telephone-event packets (RFC 4733 §2.5.1).

use serde::{Deserialize, Serialize};

use crate::event::DtmfDigit;

/// A key on its way: one packet each packet time while it is held, then its end three times (§2.5.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeySender {
    digit: DtmfDigit,
    ms: u32,
    held_ms: u32,
    ends: u8,
}

const ENDS: u8 = 3;

/// −10 dBm0 (§2.3.3).
const VOLUME: u8 = 10;

impl KeySender {
    pub(crate) fn new(digit: DtmfDigit, ms: u32) -> Self {
        KeySender {
            digit,
            ms,
            held_ms: 0,
            ends: 0,
        }
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.held_ms > 0
    }

    pub(crate) fn is_over(&self) -> bool {
        self.ends == ENDS
    }

    /// Writes the payload of the next packet; answers its length, or `None` where it does not fit.
    pub(crate) fn write(&mut self, packet_time_ms: u32, clock_rate: u32, payload: &mut [u8]) -> Option<usize> {
        self.held_ms = (self.held_ms + packet_time_ms).min(self.ms);
        let ends = self.held_ms == self.ms;
        self.ends += u8::from(ends);
        let units = u64::from(self.held_ms) * u64::from(clock_rate) / 1000;
        let [high, low] = u16::try_from(units).unwrap_or(u16::MAX).to_be_bytes();
        let written = payload.first_chunk_mut()?;
        *written = [self.digit.event(), u8::from(ends) << 7 | VOLUME, high, low];
        Some(written.len())
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::Tick;

    use super::*;
    use crate::dtmf::{DtmfDecoder, KeyPress};

    #[test]
    fn what_is_sent_is_heard_once_and_as_long() {
        let digit = DtmfDigit::from_char('7').expect("a key");
        for clock_rate in [8_000, 48_000] {
            let (mut key, mut decoder) = (KeySender::new(digit, 110), DtmfDecoder::default());
            let (mut packets, mut heard) = (Vec::new(), Vec::new());
            while !key.is_over() {
                let mut payload = [0; 8];
                let len = key.write(20, clock_rate, &mut payload).expect("room");
                packets.push(payload[1] & 0x80 != 0);
                heard.extend(decoder.hear(900, &payload[..len], clock_rate, Tick::ZERO));
            }
            assert_eq!(packets, [false, false, false, false, false, true, true, true]);
            assert_eq!(
                heard,
                [KeyPress {
                    digit,
                    duration_ms: 110
                }]
            );
        }
    }
}
