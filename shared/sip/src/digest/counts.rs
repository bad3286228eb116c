//! Each proof counts once (RFC 7616 §5.12): which nonce counts a device has used.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use wigwag_sansio::Utc;

use super::{
    nonce::{NONCE_LIFETIME, Stamp},
    server::{DigestError, Verified},
};

/// The nonce counts that one device has used: bounded, whatever the device does, and without memory elsewhere for the
/// one nonce that nearly every device has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NonceCounts {
    windows: SmallVec<[Window; 1]>,
    /// Nonces issued until then are forgotten, and so not accepted.
    forgotten: Option<Utc>,
}

/// Which of the last 64 counts of a nonce were used: requests on UDP may overtake each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    stamp: Stamp,
    highest: u32,
    /// Bit n is set when `highest - n` was used.
    used: u64,
}

/// How many nonces of one device are remembered at a time.
const MAX_NONCES: usize = 256;

impl NonceCounts {
    /// Takes note of a proof, or refuses one that was used before.
    ///
    /// A proof without count (RFC 2069) is good for once: the next request gets a new challenge, with `stale`.
    pub fn accept(&mut self, proof: &Verified, now: Utc) -> Result<(), DigestError> {
        let count = proof.count.unwrap_or(1);
        if let Some(window) = self.windows.iter_mut().find(|window| window.stamp == proof.stamp) {
            return if window.accept(count) {
                Ok(())
            } else {
                Err(DigestError::Replayed)
            };
        }
        // A moment that is yet to come is from before the clock was set back, and would lock the device out until then.
        let forgotten = self.forgotten.filter(|forgotten| *forgotten <= now);
        if forgotten.is_some_and(|forgotten| proof.stamp.issued <= forgotten) {
            return Err(DigestError::Stale);
        }
        self.forget_the_oldest(now);
        self.windows.push(Window {
            stamp: proof.stamp,
            highest: count,
            used: 1,
        });
        Ok(())
    }

    /// Makes room for one more.
    fn forget_the_oldest(&mut self, now: Utc) {
        self.forget(|window| now.since(window.stamp.issued) > NONCE_LIFETIME);
        while self.windows.len() >= MAX_NONCES {
            let Some(oldest) = self.windows.iter().map(|window| window.stamp.issued).min() else {
                return;
            };
            self.forget(|window| window.stamp.issued <= oldest);
        }
        if self.windows.is_empty() {
            self.windows.shrink_to_fit();
        }
    }

    fn forget(&mut self, which: impl Fn(&Window) -> bool) {
        let leaving = self.windows.iter().filter(|window| which(window));
        let latest = leaving.map(|window| window.stamp.issued).max();
        self.forgotten = self.forgotten.max(latest);
        self.windows.retain(|window| !which(window));
    }
}

impl Window {
    fn accept(&mut self, count: u32) -> bool {
        if count > self.highest {
            self.used = self.used.checked_shl(count - self.highest).unwrap_or(0) | 1;
            self.highest = count;
            return true;
        }
        let Some(bit) = 1_u64.checked_shl(self.highest - count) else {
            return false;
        };
        let fresh = self.used & bit == 0;
        self.used |= bit;
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(nonce: u32, issued: i64, count: impl Into<Option<u32>>) -> Verified {
        Verified {
            stamp: Stamp {
                issued: Utc::from_millis(issued),
                salt: nonce,
            },
            count: count.into(),
        }
    }

    #[test]
    fn each_count_is_good_for_once_even_out_of_order() {
        let (mut counts, now) = (NonceCounts::default(), Utc::from_millis(0));
        for count in [1, 3, 2, 70, 66] {
            assert_eq!(counts.accept(&proof(1, 0, count), now), Ok(()), "{count}");
        }
        for count in [1, 2, 3, 66, 70, 5] {
            assert_eq!(
                counts.accept(&proof(1, 0, count), now),
                Err(DigestError::Replayed),
                "{count}"
            );
        }
        assert_eq!(counts.accept(&proof(1, 0, u32::MAX), now), Ok(()));
        assert_eq!(counts.accept(&proof(2, 0, 1), now), Ok(()));
    }

    #[test]
    fn a_proof_without_count_is_good_for_once() {
        let (mut counts, now) = (NonceCounts::default(), Utc::from_millis(0));
        assert_eq!(counts.accept(&proof(1, 0, None), now), Ok(()));
        assert_eq!(counts.accept(&proof(1, 0, None), now), Err(DigestError::Replayed));
    }

    #[test]
    fn memory_is_bounded_and_what_is_forgotten_is_not_accepted_again() {
        let (mut counts, now) = (NonceCounts::default(), Utc::from_millis(1000));
        for issued in 0..1000 {
            assert_eq!(counts.accept(&proof(1, issued, 1), now), Ok(()));
        }
        assert_eq!(counts.windows.len(), MAX_NONCES);
        assert_eq!(counts.accept(&proof(1, 3, 1), now), Err(DigestError::Stale));
        assert_eq!(counts.accept(&proof(1, 999, 1), now), Err(DigestError::Replayed));
    }

    #[test]
    fn a_device_that_registers_for_years_has_one_nonce_and_none_of_its_old_ones_comes_back() {
        let (mut counts, step) = (NonceCounts::default(), NONCE_LIFETIME.as_millis() as i64 + 1);
        for turn in 0..100 {
            let now = Utc::from_millis(turn * step);
            assert_eq!(counts.accept(&proof(1, turn * step, 1), now), Ok(()));
            assert_eq!(counts.windows.len(), 1);
        }
        assert!(!counts.windows.spilled());
        let now = Utc::from_millis(99 * step);
        assert_eq!(counts.accept(&proof(1, 98 * step, 2), now), Err(DigestError::Stale));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let (mut counts, step) = (NonceCounts::default(), NONCE_LIFETIME.as_millis() as i64 + 1);
        for turn in [10, 11, 1] {
            let now = Utc::from_millis(turn * step);
            assert_eq!(counts.accept(&proof(1, turn * step, 1), now), Ok(()));
        }
    }
}
