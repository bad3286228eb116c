//! The one place of this crate that reads clocks: once per packet, batch or wake-up.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use wigwag_sansio::{Now, Tick, Utc};

/// Turns the system's clocks into [`Now`] and back; its ticks count from the moment it was made.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock whose origin is the present.
    pub fn start() -> Self {
        Clock { origin: Instant::now() }
    }

    /// The present.
    #[expect(clippy::disallowed_methods, reason = "a shell's clock is where the time comes from")]
    pub fn now(&self) -> Now {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now {
            tick: Tick::ZERO + self.origin.elapsed(),
            utc: Utc::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)),
        }
    }

    /// The moment of a tick, for `sleep_until`.
    pub fn instant(&self, tick: Tick) -> Instant {
        self.origin + Duration::from_micros(tick.as_micros())
    }
}
