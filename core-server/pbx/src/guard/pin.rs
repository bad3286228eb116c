//! PIN guessing: five wrong tries make an extension's PIN wait for a quarter of an hour, from wherever they come (A27).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_model::ExtensionId;
use wigwag_sansio::{Now, Tick};

use super::{guessing::Standing, remembered::Remembered};

const TRIES: u32 = 5;
const WAIT: Duration = Duration::from_secs(15 * 60);

/// What is remembered of wrong PINs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PinGuard {
    wrong: Remembered<ExtensionId, Wrong>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Wrong {
    last: Tick,
    tries: u32,
}

impl PinGuard {
    /// Whether somebody may try the PIN of `extension` now.
    pub fn standing(&self, extension: ExtensionId, now: Now) -> Standing {
        match self.wrong.find(&extension) {
            Some(wrong) if wrong.tries >= TRIES && !wrong.is_past(now) => Standing::Waits(wrong.last + WAIT - now.tick),
            Some(_) | None => Standing::Fine,
        }
    }

    /// Somebody gave a wrong PIN for `extension`; says whether it has to wait from now on.
    pub fn failed(&mut self, extension: ExtensionId, now: Now) -> bool {
        let before = self.wrong.find(&extension).filter(|wrong| !wrong.is_past(now));
        let tries = before.map_or(0, |wrong| wrong.tries) + 1;
        let wrong = Wrong { last: now.tick, tries };
        self.wrong.insert(extension, wrong, |old| old.is_past(now));
        tries >= TRIES
    }

    /// Somebody knew the PIN of `extension`.
    pub fn succeeded(&mut self, extension: ExtensionId) {
        self.wrong.remove(&extension);
    }
}

impl Wrong {
    fn is_past(&self, now: Now) -> bool {
        now.tick - self.last >= WAIT
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::{Entropy, testing::VirtualClock};

    use super::*;

    #[test]
    fn the_fifth_wrong_pin_makes_the_extension_wait_for_a_quarter_of_an_hour() {
        let (mut guard, mut clock) = (PinGuard::default(), VirtualClock::default());
        let mut entropy = Entropy::from_number(1);
        let mut extension = || ExtensionId::new(clock.now().utc, &mut entropy);
        let (tried, other) = (extension(), extension());
        for _ in 1..TRIES {
            assert!(!guard.failed(tried, clock.now()));
            assert_eq!(guard.standing(tried, clock.now()), Standing::Fine);
        }
        assert!(guard.failed(tried, clock.now()));
        assert_eq!(guard.standing(tried, clock.now()), Standing::Waits(WAIT));
        assert_eq!(guard.standing(other, clock.now()), Standing::Fine);
        clock.advance(WAIT);
        assert_eq!(guard.standing(tried, clock.now()), Standing::Fine);
        assert!(!guard.failed(tried, clock.now()), "the count begins again");
    }

    #[test]
    fn who_knows_the_pin_begins_again() {
        let (mut guard, clock) = (PinGuard::default(), VirtualClock::default());
        let extension = ExtensionId::new(clock.now().utc, &mut Entropy::from_number(1));
        for _ in 0..3 {
            (1..TRIES).for_each(|_| assert!(!guard.failed(extension, clock.now())));
            guard.succeeded(extension);
        }
    }
}
