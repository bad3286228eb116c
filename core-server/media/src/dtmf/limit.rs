//! More keys than anybody can press are not told.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;

/// A bucket of presses (generic cell rate algorithm): 32 at once, since loss and reordering can hold them up, and
/// thereafter 16 a second; ITU-T Q.24 knows no sender that is faster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyLimit {
    full_until: Option<Tick>,
}

const EACH: Duration = Duration::from_micros(62_500);
const BURST: u32 = 32;

impl KeyLimit {
    /// Whether one more press is to be told.
    pub(crate) fn admit(&mut self, now: Tick) -> bool {
        let until = self.full_until.map_or(now, |until| until.max(now)) + EACH;
        let admitted = until <= now + EACH * BURST;
        if admitted {
            self.full_until = Some(until);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_keys_a_second_become_sixteen() {
        let mut limit = KeyLimit::default();
        let told = (0..1_000u64).filter(|n| limit.admit(Tick::from_micros(n * 10_000)));
        assert_eq!(told.count(), 32 + 10 * 16 - 1);
        let mut limit = KeyLimit::default();
        assert!((0..100u64).all(|n| limit.admit(Tick::from_micros(n * 80_000))));
    }
}
