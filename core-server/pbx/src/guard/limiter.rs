//! Rates that are kept for each sender by itself: devices that have proved who they are, and sources that have not.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::Now;

pub use super::bucket::Rate;
use super::{bucket::Bucket, remembered::Remembered};

/// Requests of one device, outside dialogs.
pub const DEVICE: Rate = Rate {
    per_second: 50,
    burst: 100,
};
/// What one source is answered without having proved anything; a proof within [`STRANGER_ANSWER_WITHIN`] gives its
/// challenge back.
pub const STRANGER: Rate = Rate {
    per_second: 50,
    burst: 200,
};
/// How often a source is told that it asks too often; beyond that it hears nothing.
pub const STRANGER_REFUSALS: Rate = Rate {
    per_second: 5,
    burst: 10,
};
/// From a challenge to the proof that gives it back.
pub const STRANGER_ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// One rate, kept for each of many senders. Who is forgotten because there are too many begins anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(serialize = "K: Ord + Serialize", deserialize = "K: Ord + Deserialize<'de>"))]
pub struct Limiter<K> {
    rate: Rate,
    buckets: Remembered<K, Bucket>,
}

impl<K: Ord + Clone> Limiter<K> {
    /// Nobody has sent anything yet.
    pub fn new(rate: Rate) -> Self {
        Limiter {
            rate,
            buckets: Remembered::default(),
        }
    }

    /// Counts one of `sender`.
    ///
    /// # Errors
    /// When it has none left; says how long to wait.
    pub fn take(&mut self, sender: &K, now: Now) -> Result<(), Duration> {
        self.take_at(sender, self.rate, now)
    }

    /// The same for a sender that may send more at once than others.
    ///
    /// # Errors
    /// When it has none left; says how long to wait.
    pub fn take_at(&mut self, sender: &K, rate: Rate, now: Now) -> Result<(), Duration> {
        if let Some(bucket) = self.buckets.find_mut(sender) {
            return bucket.take(rate, now.tick);
        }
        let mut bucket = Bucket::full(now.tick);
        let taken = bucket.take(rate, now.tick);
        self.buckets
            .insert(sender.clone(), bucket, |bucket| bucket.is_full(now.tick));
        taken
    }

    /// One of `sender` was rightful and does not count.
    pub fn give_back(&mut self, sender: &K) {
        if let Some(bucket) = self.buckets.find_mut(sender) {
            bucket.give_back(self.rate);
        }
    }

    /// How many senders are remembered.
    pub fn len(&self) -> usize {
        self.buckets.len()
    }

    /// Whether no sender is remembered.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::{Entropy, testing::VirtualClock};

    use super::*;

    #[test]
    fn a_flood_from_one_sender_does_not_touch_another() {
        let (mut limiter, mut clock) = (Limiter::new(STRANGER), VirtualClock::default());
        let (mut answered, mut phone) = (0, 0);
        for n in 0..20_000 {
            answered += usize::from(limiter.take(&1, clock.now()).is_ok());
            if n % 500 == 0 {
                phone += usize::from(limiter.take(&2, clock.now()).is_ok());
            }
            clock.advance(Duration::from_micros(50));
        }
        assert_eq!(phone, 40, "who sends forty a second is always answered");
        assert_eq!(answered, 200 + 49, "a second of 20,000 requests");
        assert_eq!(limiter.take(&3, clock.now()), Ok(()));
    }

    #[test]
    fn an_office_behind_one_address_that_proves_itself_is_never_throttled() {
        let (mut limiter, clock) = (Limiter::new(STRANGER), VirtualClock::default());
        for _ in 0..10_000 {
            assert_eq!(limiter.take(&1, clock.now()), Ok(()));
            limiter.give_back(&1);
        }
    }

    #[test]
    fn in_any_order_of_events_the_rate_is_kept() {
        for seed in 0..50 {
            let mut entropy = Entropy::from_number(seed);
            let (mut limiter, mut clock) = (Limiter::new(DEVICE), VirtualClock::default());
            let (mut net, mut elapsed) = (0u64, 0u64);
            for _ in 0..2_000 {
                match entropy.below(4) {
                    0 if net > 0 => {
                        limiter.give_back(&1);
                        net -= 1;
                    }
                    1 => {
                        let step = u64::from(entropy.below(10_000));
                        elapsed += step;
                        clock.advance(Duration::from_micros(step));
                    }
                    _ => net += u64::from(limiter.take(&1, clock.now()).is_ok()),
                }
                assert!(net <= 100 + elapsed / 20_000, "{net} in {elapsed} µs");
            }
        }
    }

    #[test]
    fn who_has_gone_quiet_is_forgotten() {
        let (mut limiter, mut clock) = (Limiter::new(STRANGER), VirtualClock::default());
        (0..1_000).for_each(|n| assert!(limiter.take(&n, clock.now()).is_ok()));
        clock.advance(Duration::from_secs(1));
        (1_000..2_000).for_each(|n| assert!(limiter.take(&n, clock.now()).is_ok()));
        assert_eq!(limiter.len(), 1_000);
    }
}
