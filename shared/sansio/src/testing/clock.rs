//! A clock that moves only when a test moves it.

use std::time::Duration;

use crate::{Now, Tick, Utc};

/// Virtual time, starting at 2026-01-01T09:00:00Z.
#[derive(Clone, Copy, Debug)]
pub struct VirtualClock(Now);

impl Default for VirtualClock {
    fn default() -> Self {
        VirtualClock(Now {
            tick: Tick::ZERO,
            utc: Utc::from_millis(1_767_258_000_000),
        })
    }
}

impl VirtualClock {
    /// The present.
    pub fn now(&self) -> Now {
        self.0
    }

    /// Moves on by `duration` and says what time it is then.
    pub fn advance(&mut self, duration: Duration) -> Now {
        self.0.tick += duration;
        self.0.utc = self.0.utc + duration;
        self.0
    }

    /// Moves on to `tick`, if it lies ahead, and says what time it is then.
    pub fn advance_to(&mut self, tick: Tick) -> Now {
        self.advance(tick.since(self.0.tick))
    }
}
