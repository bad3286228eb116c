//! Sources from which devices have proved who they are: a whole office may ask at once there.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{limiter::Rate, remembered::Remembered, source::Source};

/// What such a source is answered before any of it has proved anything anew. Between the question and the proof lies
/// the time that the network and both sides take: a thousand phones a second, and a pause of a second somewhere.
pub const OFFICE: Rate = Rate {
    per_second: 50,
    burst: 2_000,
};
/// How long a source is remembered after its last proof.
const REMEMBERED_FOR: Duration = Duration::from_secs(24 * 3600);

/// Sources from which devices have proved themselves within a day.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Offices {
    proved_at: Remembered<Source, Tick>,
}

impl Offices {
    /// A device has proved who it is from there.
    pub fn proved(&mut self, source: Source, now: Now) {
        self.proved_at
            .insert(source, now.tick, |at| now.tick.since(*at) > REMEMBERED_FOR);
    }

    /// Whether one has lately.
    pub fn knows(&self, source: &Source, now: Now) -> bool {
        let proved_at = self.proved_at.find(source);
        proved_at.is_some_and(|at| now.tick.since(*at) <= REMEMBERED_FOR)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use wigwag_sansio::testing::VirtualClock;

    use super::*;

    #[test]
    fn a_source_is_known_for_a_day_after_its_last_proof() {
        let (mut offices, mut clock) = (Offices::default(), VirtualClock::default());
        let source = Source::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert!(!offices.knows(&source, clock.now()));
        for _ in 0..3 {
            offices.proved(source, clock.now());
            let later = clock.advance(REMEMBERED_FOR);
            assert!(offices.knows(&source, later));
        }
        let later = clock.advance(Duration::from_millis(1));
        assert!(!offices.knows(&source, later));
    }
}
