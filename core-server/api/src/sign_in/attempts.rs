//! Failures of the last 15 minutes by some key, in bounded memory.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use wigwag_sansio::Tick;

/// How long a failure counts.
pub(super) const WINDOW: Duration = Duration::from_secs(15 * 60);

/// Keys remembered at most; when full, the key whose last failure is the oldest is forgotten.
const KEYS: usize = 10_000;

/// When each key has failed lately.
#[derive(Debug)]
pub(super) struct Attempts<K> {
    most: usize,
    failures: BTreeMap<K, VecDeque<Tick>>,
}

impl<K: Clone + Ord> Attempts<K> {
    /// Lets each key fail `most` times in the window.
    pub(super) const fn new(most: usize) -> Self {
        Attempts {
            most,
            failures: BTreeMap::new(),
        }
    }

    /// How long `key` has to wait until it may try again; zero when it may try now.
    pub(super) fn wait(&mut self, key: &K, now: Tick) -> Duration {
        let Some(failures) = self.failures.get_mut(key) else {
            return Duration::ZERO;
        };
        while failures.front().is_some_and(|oldest| now.since(*oldest) >= WINDOW) {
            failures.pop_front();
        }
        match failures.front() {
            None => {
                self.failures.remove(key);
                Duration::ZERO
            }
            Some(oldest) if failures.len() >= self.most => (*oldest + WINDOW).since(now),
            Some(_) => Duration::ZERO,
        }
    }

    /// Counts a failure of `key`.
    pub(super) fn add(&mut self, key: K, now: Tick) {
        if self.failures.len() >= KEYS && !self.failures.contains_key(&key) {
            self.forget_the_oldest();
        }
        self.failures.entry(key).or_default().push_back(now);
    }

    /// Takes back the failure of `key` that was counted at `at`.
    pub(super) fn take_back(&mut self, key: &K, at: Tick) {
        let Some(failures) = self.failures.get_mut(key) else {
            return;
        };
        if let Some(index) = failures.iter().rposition(|tick| *tick == at) {
            failures.remove(index);
        }
        if failures.is_empty() {
            self.failures.remove(key);
        }
    }

    /// Forgets all failures of `key`.
    pub(super) fn clear(&mut self, key: &K) {
        self.failures.remove(key);
    }

    fn forget_the_oldest(&mut self) {
        let oldest = self
            .failures
            .iter()
            .min_by_key(|(_, failures)| failures.back().copied());
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.failures.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let mut attempts = Attempts::new(1);
        for key in 0..=KEYS {
            attempts.add(key, Tick::from_micros(key as u64));
        }
        let now = Tick::from_micros(KEYS as u64);
        assert_eq!(attempts.failures.len(), KEYS);
        assert_eq!(attempts.wait(&0, now), Duration::ZERO);
        assert!(attempts.wait(&1, now) > Duration::ZERO);
    }
}
