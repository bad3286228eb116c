//! A token bucket: so many at once, so many a second.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;

/// How much of something is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// In the long run.
    pub per_second: u32,
    /// At once, after a pause.
    pub burst: u32,
}

/// What is left at one moment: the time that it would take to fill what has been taken.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Bucket {
    full_at: Tick,
}

impl Rate {
    /// How long one takes to come back.
    fn one(self) -> Duration {
        Duration::from_secs(1) / self.per_second.max(1)
    }
}

impl Bucket {
    /// A full one.
    pub(super) fn full(now: Tick) -> Self {
        Bucket { full_at: now }
    }

    /// Takes one, or says how long there will be none.
    pub(super) fn take(&mut self, rate: Rate, now: Tick) -> Result<(), Duration> {
        let full_at = self.full_at.max(now) + rate.one();
        let missing = full_at.since(now + rate.one() * rate.burst);
        if missing.is_zero() {
            self.full_at = full_at;
            Ok(())
        } else {
            Err(missing)
        }
    }

    /// Puts one back.
    pub(super) fn give_back(&mut self, rate: Rate) {
        let micros = u64::try_from(rate.one().as_micros()).unwrap_or(u64::MAX);
        self.full_at = Tick::from_micros(self.full_at.as_micros().saturating_sub(micros));
    }

    /// Whether it is as good as a new one.
    pub(super) fn is_full(&self, now: Tick) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        per_second: 50,
        burst: 3,
    };

    #[test]
    fn a_burst_then_the_rate() {
        let mut bucket = Bucket::full(Tick::ZERO);
        (0..3).for_each(|_| assert_eq!(bucket.take(RATE, Tick::ZERO), Ok(())));
        assert_eq!(bucket.take(RATE, Tick::ZERO), Err(Duration::from_millis(20)));
        assert_eq!(
            bucket.take(RATE, Tick::from_micros(19_999)),
            Err(Duration::from_micros(1))
        );
        assert_eq!(bucket.take(RATE, Tick::from_micros(20_000)), Ok(()));
        bucket.give_back(RATE);
        assert_eq!(bucket.take(RATE, Tick::from_micros(20_000)), Ok(()));
        assert!(!bucket.is_full(Tick::from_micros(79_999)) && bucket.is_full(Tick::from_micros(80_000)));
    }

    #[test]
    fn what_is_given_back_to_a_full_bucket_is_lost() {
        let mut bucket = Bucket::full(Tick::from_micros(1_000_000));
        (0..100).for_each(|_| bucket.give_back(RATE));
        let now = Tick::from_micros(1_000_000);
        let taken = (0..10).take_while(|_| bucket.take(RATE, now).is_ok()).count();
        assert_eq!(taken, 3);
    }
}
