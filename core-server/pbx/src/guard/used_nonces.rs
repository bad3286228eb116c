//! Each proof counts once, for every device of the exchange (RFC 7616 §5.12).

use std::{collections::HashMap, mem};

use serde::{Deserialize, Serialize};
use wigwag_model::DeviceId;
use wigwag_sansio::{Now, Tick};
use wigwag_sip::digest::{DigestError, NONCE_LIFETIME, NonceCounts, Verified};

/// The nonces that devices have used.
///
/// A device that has used none for the lifetime of a nonce has nothing left to be remembered. So there are two
/// generations, and the older one is forgotten as a whole: what is kept follows from how many devices have proved
/// themselves within the last ten minutes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct UsedNonces {
    recent: HashMap<DeviceId, NonceCounts>,
    before: HashMap<DeviceId, NonceCounts>,
    turned_at: Tick,
}

impl UsedNonces {
    /// Takes note of a device's proof.
    ///
    /// # Errors
    /// When it was used before, or may have been.
    pub fn accept(&mut self, device: DeviceId, proof: &Verified, now: Now) -> Result<(), DigestError> {
        if now.tick.since(self.turned_at) > NONCE_LIFETIME {
            self.before = mem::take(&mut self.recent);
            self.turned_at = now.tick;
        }
        let counts = self.recent.entry(device);
        let counts = counts.or_insert_with(|| self.before.remove(&device).unwrap_or_default());
        counts.accept(proof, now.utc)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wigwag_sansio::{Entropy, testing::VirtualClock};
    use wigwag_sip::digest::Stamp;

    use super::*;

    fn proof(now: Now, count: u32) -> Verified {
        Verified {
            stamp: Stamp {
                issued: now.utc,
                salt: 0,
            },
            count: Some(count),
        }
    }

    #[test]
    fn a_proof_is_refused_again_for_as_long_as_its_nonce_lives() {
        let device = |n| DeviceId::new(Now::default().utc, &mut Entropy::from_number(n));
        let (mut used, mut clock) = (UsedNonces::default(), VirtualClock::default());
        clock.advance(Duration::from_secs(290));
        let first = proof(clock.now(), 1);
        assert_eq!(used.accept(device(1), &first, clock.now()), Ok(()));
        for _ in 0..30 {
            let now = clock.advance(Duration::from_secs(10));
            assert_eq!(used.accept(device(2), &proof(now, 1), now), Ok(()));
            assert_eq!(used.accept(device(1), &first, now), Err(DigestError::Replayed));
        }
    }

    #[test]
    fn devices_that_are_silent_leave_nothing_behind() {
        let (mut used, mut clock) = (UsedNonces::default(), VirtualClock::default());
        let mut entropy = Entropy::from_number(1);
        for _ in 0..100 {
            let device = DeviceId::new(clock.now().utc, &mut entropy);
            let now = clock.advance(Duration::from_secs(60));
            assert_eq!(used.accept(device, &proof(now, 1), now), Ok(()));
            assert!(used.recent.len() + used.before.len() <= 12);
        }
    }
}
