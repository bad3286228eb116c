//! A thousand random companies and attempts: the way that a real call takes is the one that the simulator foretells.
//!
//! [`company`] makes up configurations, [`fate`] what becomes of whoever rings, [`foretold`] follows the simulator under
//! these fates, and [`taken`] runs the real call on virtual time. Everything grows from one seed.

mod company;
mod fate;
mod foretold;
mod taken;

use std::time::Duration;

use wigwag_model::HangupCause;
use wigwag_sansio::{Entropy, Utc};

use company::Company;
use fate::Fates;

const COMPANIES: u64 = 1_000;
const ATTEMPTS: usize = 4;
/// Stages of one attempt at most: one for each hop, and one more.
const STAGES: usize = wigwag_model::limits::HOPS_PER_CALL + 2;

/// What becomes of an attempt, stage by stage.
#[derive(Debug, Default, PartialEq, Eq)]
struct Way {
    stages: Vec<Stage>,
    end: Option<End>,
}

/// Somebody rings.
#[derive(Debug, PartialEq, Eq)]
struct Stage {
    /// Since the attempt.
    begins: Duration,
    /// Who rings, and since when.
    rings: Vec<(Duration, String)>,
    /// When and why nobody has answered.
    ends: Option<(Duration, HangupCause)>,
}

/// The end of a way.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// Somebody answers.
    Answered(Duration, String),
    /// The exchange itself answers.
    Treated,
    /// The call is refused.
    Refused(HangupCause),
}

#[test]
fn calls_take_the_ways_that_the_simulator_foretells() {
    let mut ends = [0; 3];
    for seed in 0..COMPANIES {
        let mut entropy = Entropy::from_number(seed);
        let company = Company::random(&mut entropy);
        let snapshot = company.snapshot();
        for attempt in 0..ATTEMPTS {
            let (attempt, at) = (company.attempt(&mut entropy), moment(&mut entropy, attempt));
            let fates = Fates::new(entropy.next_u64());
            let foretold = foretold::way(&snapshot, &attempt, at, &fates);
            let taken = taken::way(&snapshot, &attempt, at, &fates);
            assert_eq!(taken, foretold, "company {seed}, {attempt:#?} at {at}");
            assert!(taken.stages.len() <= STAGES, "company {seed}: {taken:#?}");
            taken.stages.iter().for_each(nobody_rings_twice);
            ends[match taken.end {
                Some(End::Answered(..)) => 0,
                Some(End::Refused(_)) => 1,
                Some(End::Treated) | None => 2,
            }] += 1;
        }
    }
    assert!(
        ends.iter().all(|count| *count > 20),
        "all kinds of ends are met: {ends:?}"
    );
}

fn nobody_rings_twice(stage: &Stage) {
    for (place, (_, target)) in stage.rings.iter().enumerate() {
        let again = stage.rings.iter().skip(place + 1).any(|(_, other)| other == target);
        assert!(!again, "{target:?} rings twice: {stage:#?}");
    }
}

/// Some moment of the years 2025 to 2028, mostly a little before an hour, when intervals begin and end.
fn moment(entropy: &mut Entropy, attempt: usize) -> Utc {
    let hours = i64::from(entropy.below(4 * 365 * 24));
    let seconds = if attempt == 0 { 0 } else { i64::from(entropy.below(240)) };
    Utc::from_millis((1_735_689_600 + hours * 3_600 - seconds) * 1_000)
}
