//! Noticing that nothing is heard of a phone that may send.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;

/// The watch over one leg. Packets only move `heard`; the time is looked at when an alarm rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SilenceWatch {
    patience: Duration,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// The phone need not send.
    Off,
    Hearing {
        heard: Tick,
    },
    Silent {
        heard: Tick,
        next_report: Tick,
    },
}

impl SilenceWatch {
    pub(crate) fn new(patience: Duration) -> Self {
        SilenceWatch {
            patience,
            state: State::Off,
        }
    }

    /// Starts, goes on, or ends with what was agreed.
    pub(crate) fn expect_sound(&mut self, expected: bool, now: Tick) {
        self.state = match (expected, self.state) {
            (false, _) => State::Off,
            (true, State::Off) => State::Hearing { heard: now },
            (true, state @ (State::Hearing { .. } | State::Silent { .. })) => state,
        };
    }

    /// Something was heard; answers whether it ends a silence that was reported.
    pub(crate) fn hear(&mut self, now: Tick) -> bool {
        match self.state {
            State::Off => false,
            State::Hearing { .. } => {
                self.state = State::Hearing { heard: now };
                false
            }
            State::Silent { .. } => {
                self.state = State::Hearing { heard: now };
                true
            }
        }
    }

    /// How long it has been silent, when that is to be reported now.
    pub(crate) fn handle_timeout(&mut self, now: Tick) -> Option<Duration> {
        let heard = match self.state {
            State::Hearing { heard } | State::Silent { heard, .. } => heard,
            State::Off => return None,
        };
        if self.deadline()? > now {
            return None;
        }
        self.state = State::Silent {
            heard,
            next_report: now + self.patience,
        };
        Some(now.since(heard))
    }

    pub(crate) fn deadline(&self) -> Option<Tick> {
        match self.state {
            State::Off => None,
            State::Hearing { heard } => Some(heard + self.patience),
            State::Silent { next_report, .. } => Some(next_report),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Tick {
        Tick::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn silence_is_reported_again_and_again_until_something_is_heard() {
        let mut watch = SilenceWatch::new(Duration::from_secs(10));
        assert_eq!(watch.deadline(), None);
        watch.expect_sound(true, seconds(0));
        assert!(!watch.hear(seconds(5)));
        assert_eq!(watch.handle_timeout(seconds(10)), None);
        assert_eq!(watch.handle_timeout(seconds(15)), Some(Duration::from_secs(10)));
        assert_eq!(watch.handle_timeout(seconds(20)), None);
        assert_eq!(watch.handle_timeout(seconds(25)), Some(Duration::from_secs(20)));
        assert!(watch.hear(seconds(26)));
        assert_eq!(watch.deadline(), Some(seconds(36)));
    }

    #[test]
    fn a_held_leg_may_be_silent() {
        let mut watch = SilenceWatch::new(Duration::from_secs(10));
        watch.expect_sound(true, seconds(0));
        watch.expect_sound(false, seconds(1));
        assert_eq!(watch.handle_timeout(seconds(60)), None);
        watch.expect_sound(true, seconds(61));
        assert_eq!(watch.deadline(), Some(seconds(71)));
    }
}
