//! Password guessing: who fails too often from one place for one username waits, and nobody else does.
//!
//! Ten failures within a minute, counted for the source and for the username, make the pair of the two wait for a
//! quarter of an hour; each further time twice as long, a day at most. A success clears the pair. A device with the
//! right password that comes from elsewhere is another pair and is never locked out.

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::{Now, Tick};

const FAILURES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
const FIRST_WAIT: Duration = Duration::from_secs(15 * 60);
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);
/// Entries of one kind that are remembered; beyond it the oldest is forgotten.
const REMEMBERED: usize = 100_000;

/// Whether somebody may try a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Yes.
    Fine,
    /// Not before so much time has passed.
    Waits(Duration),
}

/// What is remembered of failed proofs of identity.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Guessing {
    by_source: Remembered<IpAddr, Failures>,
    by_username: Remembered<SmolStr, Failures>,
    waiting: Remembered<(IpAddr, SmolStr), Wait>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Failures {
    since: Tick,
    count: u32,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Wait {
    until: Tick,
    length: Duration,
}

impl Guessing {
    /// Whether `source` may try a password for `username` now.
    pub fn standing(&self, source: IpAddr, username: &str, now: Now) -> Standing {
        if self.waiting.is_empty() {
            return Standing::Fine;
        }
        match self.waiting.find(&(source, username.into())) {
            Some(wait) if wait.until > now.tick => Standing::Waits(wait.until - now.tick),
            Some(_) | None => Standing::Fine,
        }
    }

    /// `source` gave a wrong password for `username`; says whether the pair has to wait from now on.
    pub fn failed(&mut self, source: IpAddr, username: &str, now: Now) -> bool {
        let username = SmolStr::from(username);
        let from_source = count(&mut self.by_source, source, now);
        let for_username = count(&mut self.by_username, username.clone(), now);
        if from_source.max(for_username) < FAILURES {
            return false;
        }
        let pair = (source, username);
        let length = self
            .waiting
            .find(&pair)
            .map_or(FIRST_WAIT, |wait| (wait.length * 2).min(LONGEST_WAIT));
        self.waiting.insert(
            pair,
            Wait {
                until: now.tick + length,
                length,
            },
        );
        true
    }

    /// `source` proved that it knows the password of `username`.
    pub fn succeeded(&mut self, source: IpAddr, username: &str) {
        if !self.waiting.is_empty() || !self.by_source.is_empty() {
            self.waiting.remove(&(source, username.into()));
            self.by_source.remove(&source);
        }
    }
}

fn count<K: Ord + Clone>(failures: &mut Remembered<K, Failures>, key: K, now: Now) -> u32 {
    let mut entry = failures.find(&key).copied().unwrap_or(Failures {
        since: now.tick,
        count: 0,
    });
    if now.tick - entry.since > WINDOW {
        entry = Failures {
            since: now.tick,
            count: 0,
        };
    }
    entry.count += 1;
    failures.insert(key, entry);
    entry.count
}

/// A map that forgets its oldest key when it is full.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(
    serialize = "K: Ord + Serialize, V: Serialize",
    deserialize = "K: Ord + Deserialize<'de>, V: Deserialize<'de>"
))]
struct Remembered<K, V> {
    values: BTreeMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Remembered {
            values: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<K: Ord + Clone, V> Remembered<K, V> {
    fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn find(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    fn insert(&mut self, key: K, value: V) {
        if self.values.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
            while self.order.len() > REMEMBERED {
                if let Some(oldest) = self.order.pop_front() {
                    self.values.remove(&oldest);
                }
            }
        }
    }

    fn remove(&mut self, key: &K) {
        if self.values.remove(key).is_some() {
            self.order.retain(|known| known != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::testing::VirtualClock;

    use super::*;

    const GUESSER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OFFICE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn the_tenth_failure_within_a_minute_makes_the_pair_wait() {
        let (mut guessing, clock) = (Guessing::default(), VirtualClock::default());
        for _ in 0..9 {
            assert!(!guessing.failed(GUESSER, "100001", clock.now()));
        }
        assert!(guessing.failed(GUESSER, "100001", clock.now()));
        assert_eq!(
            guessing.standing(GUESSER, "100001", clock.now()),
            Standing::Waits(FIRST_WAIT)
        );
        assert_eq!(guessing.standing(OFFICE, "100001", clock.now()), Standing::Fine);
    }

    #[test]
    fn a_guesser_who_tries_many_usernames_waits_for_each() {
        let (mut guessing, clock) = (Guessing::default(), VirtualClock::default());
        (0..9).for_each(|n| assert!(!guessing.failed(GUESSER, &format!("10000{n}"), clock.now())));
        assert!(guessing.failed(GUESSER, "100009", clock.now()));
    }

    #[test]
    fn the_wait_doubles_and_a_success_clears_it() {
        let (mut guessing, mut clock) = (Guessing::default(), VirtualClock::default());
        (0..10).for_each(|_| {
            guessing.failed(GUESSER, "100001", clock.now());
        });
        clock.advance(FIRST_WAIT);
        assert_eq!(guessing.standing(GUESSER, "100001", clock.now()), Standing::Fine);
        (0..10).for_each(|_| {
            guessing.failed(GUESSER, "100001", clock.now());
        });
        assert_eq!(
            guessing.standing(GUESSER, "100001", clock.now()),
            Standing::Waits(FIRST_WAIT * 2)
        );
        guessing.succeeded(GUESSER, "100001");
        assert_eq!(guessing.standing(GUESSER, "100001", clock.now()), Standing::Fine);
    }

    #[test]
    fn slow_mistakes_are_forgiven() {
        let (mut guessing, mut clock) = (Guessing::default(), VirtualClock::default());
        for _ in 0..30 {
            assert!(!guessing.failed(OFFICE, "100001", clock.advance(Duration::from_secs(31))));
        }
        assert_eq!(guessing.standing(OFFICE, "100001", clock.now()), Standing::Fine);
    }
}
