//! When the next timer of any transaction is due: one alarm for all shards, on a coarse grid.
//!
//! SIP's shortest timer is half a second. Rounding up by a few milliseconds lets hundreds of them share one wake-up.

use std::{
    sync::atomic::{AtomicU64, Ordering::SeqCst},
    time::Duration,
};

use tokio::sync::Notify;
use wigwag_sansio::Tick;

/// What all shards ask for, and the timer task waits for.
#[derive(Debug)]
pub(crate) struct Alarm {
    /// In microseconds; the highest number when nobody waits.
    at: AtomicU64,
    earlier: Notify,
}

impl Alarm {
    pub(crate) fn new() -> Self {
        Alarm {
            at: AtomicU64::new(NEVER),
            earlier: Notify::new(),
        }
    }

    /// Asks to be woken at `deadline` or a little later; tells the timer task when it would come too late.
    pub(crate) fn ask(&self, deadline: Option<Tick>) {
        let Some(deadline) = deadline else { return };
        let at = deadline.as_micros().div_ceil(GRAIN_US).saturating_mul(GRAIN_US);
        if at < self.at.fetch_min(at, SeqCst) {
            self.earlier.notify_one();
        }
    }

    /// Forgets what was asked for, before everybody is asked again.
    pub(crate) fn clear(&self) {
        self.at.store(NEVER, SeqCst);
    }

    /// When to wake.
    pub(crate) fn at(&self) -> Option<Tick> {
        let at = self.at.load(SeqCst);
        (at != NEVER).then(|| Tick::ZERO + Duration::from_micros(at))
    }

    /// Waits until somebody asks for an earlier time.
    pub(crate) async fn earlier(&self) {
        self.earlier.notified().await;
    }
}

const NEVER: u64 = u64::MAX;
const GRAIN_US: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_wish_counts_and_is_never_early() {
        let alarm = Alarm::new();
        assert_eq!(alarm.at(), None);
        for micros in [25_001, 12_000, 500_000] {
            alarm.ask(Some(Tick::from_micros(micros)));
        }
        alarm.ask(None);
        assert_eq!(alarm.at(), Some(Tick::from_micros(20_000)));
        alarm.clear();
        assert_eq!(alarm.at(), None);
    }
}
