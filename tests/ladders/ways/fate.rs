//! What becomes of whoever rings: it depends on who it is alone, and is the same for the simulator and the real call.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use wigwag_model::HangupCause;
use wigwag_pbx::routing::{Outside, OutsideNumber, Target};
use wigwag_sansio::Entropy;

/// What becomes of somebody who rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// There is nothing to ring.
    Unreachable,
    /// It rings until it is told to stop.
    Unanswered,
    /// It refuses so much later.
    Busy(Duration),
    /// A person refuses so much later.
    Declined(Duration),
    /// It answers so much later.
    Answered {
        later: Duration,
        /// Where it is asked whether it takes the call: after how long it does; a mailbox never does.
        accepts: Option<Duration>,
    },
}

/// What becomes of everybody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fates {
    seed: u64,
}

impl Fates {
    pub(super) fn new(seed: u64) -> Self {
        Fates { seed }
    }

    /// What becomes of `target`, each time that it rings.
    pub(super) fn of(self, target: &Target) -> Fate {
        let mut hasher = DefaultHasher::new();
        self.seed.hash(&mut hasher);
        key(target).hash(&mut hasher);
        let mut entropy = Entropy::from_number(hasher.finish());
        let later = within(45, &mut entropy);
        let delay = if entropy.below(3) == 0 { Duration::ZERO } else { later };
        match entropy.below(10) {
            0 | 1 => Fate::Unreachable,
            2..=4 => Fate::Unanswered,
            5 | 6 => Fate::Busy(delay),
            7 => Fate::Declined(delay),
            _ => Fate::Answered {
                later: delay,
                accepts: (entropy.below(3) > 0).then(|| within(25, &mut entropy)),
            },
        }
    }
}

/// Never a whole second, where timers are.
fn within(seconds: u32, entropy: &mut Entropy) -> Duration {
    Duration::from_millis(u64::from(entropy.below(seconds) * 1_000 + 1 + entropy.below(998)))
}

/// Tells targets apart, and nothing else: whom a call outside is shown as is no part of it.
pub(super) fn key(target: &Target) -> String {
    match target {
        Target::Extension(id) => id.to_string(),
        Target::Outside(Outside { number, .. }) => match number {
            OutsideNumber::Public(number) => number.to_string(),
            OutsideNumber::Short(number) | OutsideNumber::Emergency(number) => number.to_string(),
        },
    }
}

/// Why there is nothing to ring.
pub(super) fn unreachable(target: &Target) -> HangupCause {
    match target {
        Target::Extension(_) => HangupCause::NoDevice,
        Target::Outside(_) => HangupCause::NetworkFailure,
    }
}
