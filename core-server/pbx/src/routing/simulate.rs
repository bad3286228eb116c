//! What would happen to a call, with every branch: the very decisions that the switch asks for, taken ahead of time.

use serde::{Deserialize, Serialize};
use wigwag_model::{HangupCause, Party};
use wigwag_sansio::Utc;

use super::{Arm, Attempt, Course, Plan, Ring, Stage, TraceStep, Treatment, after, instead, plan, plan::Decision};
use crate::TenantSnapshot;

/// Branches that are followed; what is behind the last one is left out.
const BRANCHES: usize = 300;
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
        /// Who rings for an arm that falls out, where somebody may.
        instead: Vec<Instead>,
        /// What follows, by what became of it.
        otherwise: Vec<(HangupCause, Simulation)>,
        /// Whether branches are left out because there are too many.
        is_cut: bool,
    },
    /// The exchange itself answers.
    Treated(Treatment),
    /// The call ends there.
    Ends(HangupCause),
}

/// Who rings for an arm that has fallen out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instead {
    /// The arm's place in the ring.
    pub arm: usize,
    /// Why it has fallen out.
    pub cause: HangupCause,
    /// How it is decided.
    pub trace: Vec<TraceStep>,
    /// Who rings.
    pub arms: Vec<Arm>,
}

/// What would happen to `attempt` at `at`.
pub fn simulate(snapshot: &TenantSnapshot, attempt: &Attempt, at: Utc) -> Simulation {
    let mut walk = Walk {
        snapshot,
        attempt,
        branches: 0,
    };
    walk.follow(plan(snapshot, attempt, at), at)
}

/// A walk through the branches.
struct Walk<'a> {
    snapshot: &'a TenantSnapshot,
    attempt: &'a Attempt,
    branches: usize,
}

impl Walk<'_> {
    fn follow(&mut self, decision: Decision, at: Utc) -> Simulation {
        let Decision { plan, callee, trace } = decision;
        let outcome = match plan {
            Plan::Ring(ring) => self.rings(ring, at),
            Plan::Treat(treatment) => Simulated::Treated(treatment),
            Plan::Reject(cause) => Simulated::Ends(cause),
        };
        Simulation { trace, callee, outcome }
    }

    fn rings(&mut self, ring: Ring, at: Utc) -> Simulated {
        let mut is_cut = false;
        let mut instead = Vec::new();
        for (arm, course, timeout) in with_course(&ring) {
            for cause in CAUSES {
                is_cut |= !self.may_branch();
                if !is_cut {
                    let then = after_ring(cause, at, timeout);
                    instead.push(self.instead(arm, course, cause, then));
                }
            }
        }
        let mut otherwise = Vec::new();
        let goes_on = !matches!(ring.course.stage, Stage::Outside | Stage::Start);
        for cause in CAUSES.into_iter().filter(|_| goes_on) {
            is_cut |= !self.may_branch();
            if !is_cut {
                let then = after_ring(cause, at, ring.timeout);
                let decision = after(self.snapshot, self.attempt, &ring.course, cause, then);
                otherwise.push((cause, self.follow(decision, then)));
            }
        }
        Simulated::Rings {
            ring,
            instead,
            otherwise,
            is_cut,
        }
    }

    fn instead(&self, arm: usize, course: &Course, cause: HangupCause, at: Utc) -> Instead {
        let (arms, trace) = instead(self.snapshot, self.attempt, course, cause, at);
        Instead {
            arm,
            cause,
            trace,
            arms,
        }
    }

    fn may_branch(&mut self) -> bool {
        self.branches += 1;
        self.branches <= BRANCHES
    }
}

/// The arms for which somebody else may ring, each with its place and how long it rings.
fn with_course(ring: &Ring) -> impl Iterator<Item = (usize, &Course, std::time::Duration)> {
    let arms = ring.arms.iter().enumerate();
    arms.filter_map(|(place, arm)| Some((place, arm.course.as_ref()?, arm.timeout.unwrap_or(ring.timeout))))
}

fn after_ring(cause: HangupCause, at: Utc, rings: std::time::Duration) -> Utc {
    if cause == HangupCause::NoAnswer { at + rings } else { at }
}
