//! Each proof counts once (RFC 7616 §5.12): which nonce counts a binding has used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::Utc;

use super::{
    nonce::NONCE_LIFETIME,
    server::{DigestError, Verified},
};

/// The nonce counts that one device has used; bounded, whatever the device does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NonceCounts {
    windows: BTreeMap<SmolStr, Window>,
    /// Nonces issued until then are forgotten, and so not accepted.
    forgotten: Option<Utc>,
}

/// Which of the last 64 counts were used: requests on UDP may overtake each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    issued: Utc,
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
        if let Some(window) = self.windows.get_mut(&proof.nonce) {
            return if window.accept(count) {
                Ok(())
            } else {
                Err(DigestError::Replayed)
            };
        }
        if self.forgotten.is_some_and(|forgotten| proof.issued <= forgotten) {
            return Err(DigestError::Stale);
        }
        self.windows.insert(
            proof.nonce.clone(),
            Window {
                issued: proof.issued,
                highest: count,
                used: 1,
            },
        );
        self.forget_the_oldest(now);
        Ok(())
    }

    /// Whether every nonce that was used is too old by now, so that there is nothing to remember.
    pub fn is_idle(&self, now: Utc) -> bool {
        self.windows
            .values()
            .all(|window| now.since(window.issued) > NONCE_LIFETIME)
    }

    fn forget_the_oldest(&mut self, now: Utc) {
        if self.windows.len() > MAX_NONCES {
            self.windows
                .retain(|_, window| now.since(window.issued) <= NONCE_LIFETIME);
        }
        while self.windows.len() > MAX_NONCES {
            let Some(oldest) = self.windows.values().map(|window| window.issued).min() else {
                return;
            };
            self.windows.retain(|_, window| window.issued > oldest);
            self.forgotten = self.forgotten.max(Some(oldest));
        }
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

    fn proof(nonce: &str, issued: i64, count: impl Into<Option<u32>>) -> Verified {
        Verified {
            nonce: SmolStr::new(nonce),
            issued: Utc::from_millis(issued),
            count: count.into(),
        }
    }

    #[test]
    fn each_count_is_good_for_once_even_out_of_order() {
        let (mut counts, now) = (NonceCounts::default(), Utc::from_millis(0));
        for count in [1, 3, 2, 70, 66] {
            assert_eq!(counts.accept(&proof("a", 0, count), now), Ok(()), "{count}");
        }
        for count in [1, 2, 3, 66, 70, 5] {
            assert_eq!(
                counts.accept(&proof("a", 0, count), now),
                Err(DigestError::Replayed),
                "{count}"
            );
        }
        assert_eq!(counts.accept(&proof("a", 0, u32::MAX), now), Ok(()));
        assert_eq!(counts.accept(&proof("b", 0, 1), now), Ok(()));
    }

    #[test]
    fn a_proof_without_count_is_good_for_once() {
        let (mut counts, now) = (NonceCounts::default(), Utc::from_millis(0));
        assert_eq!(counts.accept(&proof("a", 0, None), now), Ok(()));
        assert_eq!(counts.accept(&proof("a", 0, None), now), Err(DigestError::Replayed));
    }

    #[test]
    fn memory_is_bounded_and_what_is_forgotten_is_not_accepted_again() {
        let (mut counts, now) = (NonceCounts::default(), Utc::from_millis(1000));
        for issued in 0..1000 {
            assert_eq!(counts.accept(&proof(&format!("n{issued}"), issued, 1), now), Ok(()));
        }
        assert_eq!(counts.windows.len(), MAX_NONCES);
        assert_eq!(counts.accept(&proof("n3", 3, 1), now), Err(DigestError::Stale));
        assert_eq!(counts.accept(&proof("n999", 999, 1), now), Err(DigestError::Replayed));
    }
}
