//! Overload: more comes in than can be done in time, told by what waits rather than by what is busy.
//!
//! A standing queue is what hurts, not a short one (the thought of CoDel, RFC 8289): the exchange is overloaded when
//! every one of its turns within [`STANDING`] came late, or when its transactions are nearly as many as it may have.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

/// So late a turn may come; whoever waits longer repeats its request (T1) and makes it worse.
const LATE: Duration = Duration::from_millis(400);
/// So long turns have to come late without exception.
const STANDING: Duration = Duration::from_secs(2);
/// Overload by transactions begins and ends at these parts of what is allowed, in percent.
const MANY_PERCENT: usize = 85;
const FEW_PERCENT: usize = 70;

/// What was measured at one turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// How much later than asked for the turn came.
    pub delay: Duration,
    /// Transactions at the moment.
    pub transactions: usize,
    /// Transactions that are allowed.
    pub allowed_transactions: usize,
}

/// Whether new work is sent away.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Overload {
    late_since: Option<Tick>,
    has_too_many: bool,
}

impl Overload {
    /// Takes a measurement; says whether new work has to be sent away from now on.
    pub fn measured(&mut self, load: Load, now: Now) -> bool {
        self.late_since = (load.delay >= LATE).then(|| self.late_since.unwrap_or(now.tick));
        let percent = if self.has_too_many { FEW_PERCENT } else { MANY_PERCENT };
        self.has_too_many = load.transactions.saturating_mul(100) >= load.allowed_transactions.saturating_mul(percent);
        self.has_too_many || self.late_since.is_some_and(|since| now.tick.since(since) >= STANDING)
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::testing::VirtualClock;

    use super::*;

    fn load(delay_ms: u64, transactions: usize) -> Load {
        Load {
            delay: Duration::from_millis(delay_ms),
            transactions,
            allowed_transactions: 1_000,
        }
    }

    #[test]
    fn one_late_turn_is_no_overload_but_a_standing_queue_is() {
        let (mut overload, mut clock) = (Overload::default(), VirtualClock::default());
        assert!(!overload.measured(load(3_000, 0), clock.advance(Duration::from_secs(3))));
        assert!(!overload.measured(load(0, 0), clock.advance(Duration::from_millis(100))));
        let begun: Vec<bool> = (0..6)
            .map(|_| overload.measured(load(500, 0), clock.advance(Duration::from_millis(600))))
            .collect();
        assert_eq!(begun, [false, false, false, false, true, true]);
        assert!(!overload.measured(load(10, 0), clock.advance(Duration::from_millis(110))));
    }

    #[test]
    fn too_many_transactions_are_overload_until_clearly_fewer_are_left() {
        let (mut overload, clock) = (Overload::default(), VirtualClock::default());
        let told: Vec<bool> = [0, 849, 850, 1_000, 700, 699, 849, 850]
            .map(|transactions| overload.measured(load(0, transactions), clock.now()))
            .to_vec();
        assert_eq!(told, [false, false, true, true, true, false, false, true]);
    }
}
