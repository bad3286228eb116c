//! What would happen to a call, with every branch: the very decisions that the switch asks for, taken ahead of time.

use serde::{Deserialize, Serialize};
use wigwag_model::{HangupCause, Party};
use wigwag_sansio::Utc;

use super::{Attempt, Course, Plan, Ring, Stage, TraceStep, Treatment, after, plan, plan::Decision};
use crate::TenantSnapshot;

/// Branches that are followed; what is behind the last one is left out.
const BRANCHES: usize = 100;
/// What may become of a ring besides an answer: one cause for each status that rules tell apart.
const CAUSES: [HangupCause; 3] = [HangupCause::Busy, HangupCause::NoAnswer, HangupCause::NoDevice];

/// One stage of what would happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// How it is decided.
    pub trace: Vec<TraceStep>,
    /// Whom the caller sees as called.
    pub callee: Option<Party>,
    /// What is done.
    pub outcome: Simulated,
}

/// What is done at a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Simulated {
    /// Somebody rings; the branches tell what follows without an answer.
    Rings {
        /// Who, and how.
        ring: Ring,
        /// What follows, by what became of it.
        otherwise: Vec<(HangupCause, Simulation)>,
    },
    /// The exchange itself answers.
    Treated(Treatment),
    /// The call ends there.
    Ends(HangupCause),
}

/// What would happen to `attempt` at `at`.
pub fn simulate(snapshot: &TenantSnapshot, attempt: &Attempt, at: Utc) -> Simulation {
    let mut branches = 0;
    follow(snapshot, attempt, plan(snapshot, attempt, at), at, &mut branches)
}

fn follow(
    snapshot: &TenantSnapshot,
    attempt: &Attempt,
    decision: Decision,
    at: Utc,
    branches: &mut usize,
) -> Simulation {
    let Decision { plan, callee, trace } = decision;
    let outcome = match plan {
        Plan::Ring(ring) => {
            let otherwise = otherwise(snapshot, attempt, &ring, at, branches);
            Simulated::Rings { ring, otherwise }
        }
        Plan::Treat(treatment) => Simulated::Treated(treatment),
        Plan::Reject(cause) => Simulated::Ends(cause),
    };
    Simulation { trace, callee, outcome }
}

fn otherwise(
    snapshot: &TenantSnapshot,
    attempt: &Attempt,
    ring: &Ring,
    at: Utc,
    branches: &mut usize,
) -> Vec<(HangupCause, Simulation)> {
    if goes_no_further(&ring.course) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for cause in CAUSES {
        if *branches >= BRANCHES {
            break;
        }
        *branches += 1;
        let then = if cause == HangupCause::NoAnswer {
            at + ring.timeout
        } else {
            at
        };
        let decision = after(snapshot, attempt, &ring.course, cause, then);
        found.push((cause, follow(snapshot, attempt, decision, then, branches)));
    }
    found
}

fn goes_no_further(course: &Course) -> bool {
    matches!(course.stage, Stage::Outside | Stage::Start)
}
