//! Clocks and randomness of the process, for everything that takes them as arguments.

use anyhow::Context;
use wigwag_sansio::{Entropy, Now, Utc};
use wigwag_sip_io::Clock;

/// A source of randomness that nobody can guess.
pub(crate) fn entropy() -> anyhow::Result<Entropy> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("the system gives no randomness")?;
    Ok(Entropy::from_seed(seed))
}

/// Civil time.
pub(crate) fn utc() -> Utc {
    Clock::start().now().utc
}

/// The clock of the switch, as the API reads it.
pub(crate) struct ApiClock(pub(crate) Clock);

impl wigwag_api::Clock for ApiClock {
    fn now(&self) -> Now {
        self.0.now()
    }
}
