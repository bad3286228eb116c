//! What can happen in masses is counted each time and logged once a minute, so that nobody can fill the log.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use wigwag_sansio::Now;

/// How long nothing more is said about the same matter.
const PAUSE: Duration = Duration::from_secs(60);

/// Tells when it is time to say something again.
#[derive(Debug, Default)]
pub struct Notice {
    /// In microseconds.
    silent_until: AtomicU64,
}

impl Notice {
    /// Whether to log what has just happened: yes, unless something was logged within the last minute.
    pub fn is_due(&self, now: Now) -> bool {
        let (tick, silent_until) = (now.tick.as_micros(), self.silent_until.load(Relaxed));
        // Of two threads at the same moment, one says it.
        let next = (now.tick + PAUSE).as_micros();
        tick >= silent_until
            && self
                .silent_until
                .compare_exchange(silent_until, next, Relaxed, Relaxed)
                .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::testing::VirtualClock;

    use super::*;

    #[test]
    fn the_first_time_is_told_and_then_once_a_minute() {
        let (notice, mut clock) = (Notice::default(), VirtualClock::default());
        assert!(notice.is_due(clock.now()));
        assert!(!notice.is_due(clock.now()));
        assert!(!notice.is_due(clock.advance(PAUSE - Duration::from_millis(1))));
        assert!(notice.is_due(clock.advance(Duration::from_millis(1))));
        assert!(!notice.is_due(clock.now()));
    }
}
