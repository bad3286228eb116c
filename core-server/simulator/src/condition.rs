//! How a carrier is: well, or in one of the ways to fail that an exchange has to survive. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;

/// How a carrier is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It works.
    #[default]
    Up,
    /// It answers nothing: requests are dropped, also those of running calls. Their sound goes on.
    Down,
    /// It answers 503 to every call and OPTIONS.
    Overloaded {
        /// What it says in Retry-After, in seconds.
        retry_after_secs: u32,
    },
    /// It is up and down by turns, up first.
    Flapping {
        /// How long it is up, in milliseconds.
        up_ms: u64,
        /// How long it is down, in milliseconds.
        down_ms: u64,
    },
}

/// How a carrier is at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Up,
    Down,
    Overloaded { retry_after_secs: u32 },
}

impl Condition {
    /// How it is at `now`, when it has been in this condition since `since`.
    pub(crate) fn at(self, since: Tick, now: Tick) -> Moment {
        match self {
            Condition::Up => Moment::Up,
            Condition::Down => Moment::Down,
            Condition::Overloaded { retry_after_secs } => Moment::Overloaded { retry_after_secs },
            Condition::Flapping { up_ms, down_ms } => {
                let period = Duration::from_millis(up_ms.saturating_add(down_ms)).as_micros();
                let into = now.since(since).as_micros().checked_rem(period).unwrap_or(0);
                if into < Duration::from_millis(up_ms).as_micros() {
                    Moment::Up
                } else {
                    Moment::Down
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_flaps_is_up_and_down_by_turns() {
        let since = Tick::ZERO + Duration::from_secs(7);
        let flapping = Condition::Flapping {
            up_ms: 100,
            down_ms: 50,
        };
        let at = |ms| flapping.at(since, since + Duration::from_millis(ms));
        assert_eq!(
            [at(0), at(99), at(100), at(149)],
            [Moment::Up, Moment::Up, Moment::Down, Moment::Down]
        );
        assert_eq!([at(150), at(260)], [Moment::Up, Moment::Down]);
        let never = Condition::Flapping { up_ms: 0, down_ms: 0 };
        assert_eq!(never.at(since, since), Moment::Down);
    }

    #[test]
    fn other_conditions_stay() {
        let later = Tick::ZERO + Duration::from_secs(100);
        assert_eq!(Condition::Up.at(Tick::ZERO, later), Moment::Up);
        assert_eq!(Condition::Down.at(Tick::ZERO, later), Moment::Down);
        let overloaded = Condition::Overloaded { retry_after_secs: 5 };
        assert_eq!(
            overloaded.at(Tick::ZERO, later),
            Moment::Overloaded { retry_after_secs: 5 }
        );
    }
}
