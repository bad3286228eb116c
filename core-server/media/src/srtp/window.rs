//! Packet indices: which one a sequence number means, and which ones were there before (RFC 3711 §3.3.1, §3.3.2).

use serde::{Deserialize, Serialize};

/// The highest index of a stream and the 128 below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    highest: Option<u64>,
    /// Bit n stands for `highest - n`.
    seen: u128,
}

/// RTP indices have 48 bits: the key must not be used for more packets than that.
const LAST_RTP_INDEX: u64 = (1 << 48) - 1;

impl Window {
    /// The 48-bit index that `sequence` most likely means (RFC 3711 appendix A); `None` before the first and after the
    /// last one.
    pub(super) fn index_of(&self, sequence: u16) -> Option<u64> {
        let Some(highest) = self.highest else {
            return Some(u64::from(sequence));
        };
        let ahead = sequence.wrapping_sub(highest as u16).cast_signed();
        highest
            .checked_add_signed(i64::from(ahead))
            .filter(|index| *index <= LAST_RTP_INDEX)
    }

    /// Whether `index` is neither known nor too old to tell.
    pub(super) fn is_new(&self, index: u64) -> bool {
        match self.highest {
            Some(highest) if index <= highest => {
                let age = highest - index;
                age < u64::from(u128::BITS) && self.seen >> age & 1 == 0
            }
            Some(_) | None => true,
        }
    }

    /// Notes an index that [is new](Self::is_new), after it proved authentic.
    pub(super) fn note(&mut self, index: u64) {
        let highest = *self.highest.get_or_insert(index);
        if index > highest {
            let step = u32::try_from(index - highest).unwrap_or(u32::MAX);
            self.seen = self.seen.checked_shl(step).unwrap_or(0);
            self.highest = Some(index);
        }
        let age = self.highest.map_or(0, |highest| highest - index);
        if age < u64::from(u128::BITS) {
            self.seen |= 1 << age;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roll_over_counter_follows_the_sequence_numbers() {
        let mut window = Window::default();
        for n in 0..200_000u64 {
            let index = 65_000 + n;
            assert_eq!(window.index_of(index as u16), Some(index));
            window.note(index);
        }
        assert_eq!(window.index_of((264_999 - 50) as u16), Some(264_999 - 50));
    }

    #[test]
    fn an_index_passes_once_and_not_when_it_is_too_old() {
        let mut window = Window::default();
        for index in [1000u64, 1002, 1001, 1100, 990] {
            assert!(window.is_new(index));
            window.note(index);
            assert!(!window.is_new(index));
        }
        assert!(window.is_new(1099) && window.is_new(1100 - 127) && !window.is_new(1100 - 128));
        window.note(5000);
        assert!(window.is_new(4999) && !window.is_new(1100));
    }

    #[test]
    fn indices_neither_begin_before_zero_nor_wrap() {
        let mut window = Window::default();
        window.note(3);
        assert_eq!(window.index_of(65_535), None);
        window.note(LAST_RTP_INDEX);
        assert_eq!(window.index_of(0), None);
    }
}
