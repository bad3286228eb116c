//! The one place of this crate that reads a clock.

use std::time::{Instant, SystemTime};

use wigwag_sansio::{Now, Tick, Utc};

/// The clock of a media plane; its ticks count from the start of the plane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the shell's clock, from which everything else is told the time"
    )]
    pub(crate) fn start() -> Self {
        Clock { origin: Instant::now() }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "read once per wake-up, then passed on as an argument"
    )]
    pub(crate) fn read(self) -> Now {
        let micros = Instant::now().duration_since(self.origin).as_micros();
        let utc = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        Now {
            tick: Tick::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)),
            utc: Utc::from_millis(i64::try_from(utc).unwrap_or(i64::MAX)),
        }
    }
}
