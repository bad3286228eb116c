//! Password guessing: who fails too often from one place for one username waits, and nobody else does.
//!
//! Ten failures within a minute, counted for the source and for the username, make the pair of the two wait for a
//! quarter of an hour; each further time twice as long, a day at most. A success clears the pair. A device with the
//! right password that comes from elsewhere is another pair and is never locked out: who has once known the password
//! from a place answers there for its own mistakes only, whatever others do in its name or from its address.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{remembered::Remembered, source::Source};

const FAILURES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
const FIRST_WAIT: Duration = Duration::from_secs(15 * 60);
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);
/// Longer names are nobody's and count as one, so that what is remembered of each guess stays small.
const LONGEST_NAME: usize = 16;

/// A username with zeros behind, up to its longest.
type Name = [u8; LONGEST_NAME];

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
    by_source: Remembered<Source, Failures>,
    by_username: Remembered<Name, Failures>,
    /// Failures of pairs that were in the right before.
    by_known: Remembered<Pair, Failures>,
    waiting: Remembered<Pair, Wait>,
}

type Pair = (Source, Name);

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
        match self.waiting.find(&pair(source, username)) {
            Some(wait) if wait.until > now.tick => Standing::Waits(wait.until - now.tick),
            Some(_) | None => Standing::Fine,
        }
    }

    /// `source` gave a wrong password for `username`; says whether the pair has to wait from now on.
    pub fn failed(&mut self, source: IpAddr, username: &str, now: Now) -> bool {
        let pair = pair(source, username);
        let from_source = count(&mut self.by_source, pair.0, now);
        let for_username = count(&mut self.by_username, pair.1, now);
        let failures = match self.by_known.find(&pair) {
            Some(_) => count(&mut self.by_known, pair, now),
            None => from_source.max(for_username),
        };
        if failures < FAILURES {
            return false;
        }
        let length = self
            .waiting
            .find(&pair)
            .map_or(FIRST_WAIT, |wait| (wait.length * 2).min(LONGEST_WAIT));
        let wait = Wait {
            until: now.tick + length,
            length,
        };
        self.waiting
            .insert(pair, wait, |old| old.until + LONGEST_WAIT <= now.tick);
        true
    }

    /// `source` proved that it knows the password of `username`.
    pub fn succeeded(&mut self, source: IpAddr, username: &str, now: Now) {
        let pair = pair(source, username);
        self.waiting.remove(&pair);
        self.by_source.remove(&pair.0);
        // Pairs are kept until there are too many: a phone is in the right for longer than any window.
        self.by_known.insert(pair, Failures::none(now), |_| false);
    }
}

impl Failures {
    fn none(now: Now) -> Self {
        Failures {
            since: now.tick,
            count: 0,
        }
    }

    fn is_past(&self, now: Now) -> bool {
        now.tick - self.since > WINDOW
    }
}

fn pair(source: IpAddr, username: &str) -> Pair {
    let mut name = Name::default();
    if let Some(start) = name.get_mut(..username.len()) {
        start.copy_from_slice(username.as_bytes());
    }
    (source.into(), name)
}

fn count<K: Ord + Clone>(failures: &mut Remembered<K, Failures>, key: K, now: Now) -> u32 {
    let known = failures.find(&key).filter(|known| !known.is_past(now)).copied();
    let mut entry = known.unwrap_or(Failures::none(now));
    entry.count += 1;
    failures.insert(key, entry, |old| old.is_past(now));
    entry.count
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
        guessing.succeeded(GUESSER, "100001", clock.now());
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

    #[test]
    fn a_botnet_that_guesses_does_not_make_a_phone_wait_that_mistypes_once() {
        let (mut guessing, clock) = (Guessing::default(), VirtualClock::default());
        guessing.succeeded(OFFICE, "100001", clock.now());
        for n in 0..=255 {
            let bot = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, n));
            assert_eq!(guessing.failed(bot, "100001", clock.now()), n >= 9);
        }
        assert!(!guessing.failed(OFFICE, "100001", clock.now()));
        assert_eq!(guessing.standing(OFFICE, "100001", clock.now()), Standing::Fine);
        (0..8).for_each(|_| assert!(!guessing.failed(OFFICE, "100001", clock.now())));
        assert!(guessing.failed(OFFICE, "100001", clock.now()), "its own tenth mistake");
    }

    #[test]
    fn a_misconfigured_phone_does_not_make_its_colleagues_wait() {
        let (mut guessing, clock) = (Guessing::default(), VirtualClock::default());
        for _ in 0..10 {
            guessing.failed(OFFICE, "100009", clock.now());
        }
        assert_eq!(guessing.standing(OFFICE, "100001", clock.now()), Standing::Fine);
    }

    #[test]
    fn addresses_of_one_subscriber_are_one_guesser() {
        let (mut guessing, clock) = (Guessing::default(), VirtualClock::default());
        let address = |n: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, n]);
        for n in 0..10 {
            guessing.failed(address(n), "100001", clock.now());
        }
        assert_ne!(guessing.standing(address(99), "100001", clock.now()), Standing::Fine);
    }

    #[test]
    fn endless_names_leave_little_behind() {
        let (mut guessing, clock) = (Guessing::default(), VirtualClock::default());
        for n in 0..100 {
            guessing.failed(GUESSER, &format!("{n}{}", "x".repeat(8_000)), clock.now());
        }
        assert_eq!((guessing.by_username.len(), guessing.waiting.len()), (1, 1));
    }
}
