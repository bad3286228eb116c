//! Deciding a call: (snapshot, attempt, time) → plan, pure and always with its explanation.
//!
//! [`plan`] decides what is done first; [`after`] what follows when nobody has answered; [`instead`] who rings for one
//! member of a group that has fallen out. The switch and the simulator call the same three. Limits are not looked at
//! here: the switch applies them when the plan is carried out.

mod attempt;
mod clock;
mod course;
mod destination;
mod dialled;
mod emergency;
mod feature;
mod forwarding;
mod incoming;
mod loops;
mod outside;
mod overlap;
mod plan;
mod planner;
mod shown;
mod simulate;
#[cfg(test)]
mod tests;
mod trace;
mod words;

use wigwag_model::{ExtensionId, HangupCause};
use wigwag_sansio::Utc;

pub use attempt::{Attempt, Called, Caller, NoNumber, Outsider};
pub use clock::{holds, is_bank_holiday, local};
pub use course::{Course, Detour, Stage, status};
pub use dialled::{DIALLED_CHARS, Dialled};
pub use emergency::without_snapshot;
pub use loops::Ways;
pub use overlap::overlapping;
pub use plan::{
    Arm, Change, Decision, Identity, Order, Outside, OutsideNumber, PickUp, Plan, Ring, Saying, Target, Treatment,
};
pub use shown::{caller, group_party, party};
pub use simulate::{Instead, Simulated, Simulation, simulate};
pub use trace::TraceStep;

use crate::TenantSnapshot;
use planner::Planner;

/// Decides what happens to `attempt`.
pub fn plan(snapshot: &TenantSnapshot, attempt: &Attempt, at: Utc) -> Decision {
    Planner::new(snapshot, attempt, Course::start(), at).begin()
}

/// Decides what happens when nobody has answered a ring that stood at `course`, and why.
pub fn after(snapshot: &TenantSnapshot, attempt: &Attempt, course: &Course, cause: HangupCause, at: Utc) -> Decision {
    let mut planner = Planner::new(snapshot, attempt, course.clone(), at);
    let plan = match course.stage {
        Stage::Extension(id) => destination::extension::after(&mut planner, id, cause),
        Stage::RingGroup(id) => destination::ring_group::after(&mut planner, id, cause),
        Stage::Start | Stage::Member(_) | Stage::Outside => Plan::Reject(cause),
    };
    planner.decide(plan)
}

/// Decides who rings for a member of a group that has fallen out; nobody, where no rule of it is for such calls.
pub fn instead(
    snapshot: &TenantSnapshot,
    attempt: &Attempt,
    course: &Course,
    cause: HangupCause,
    at: Utc,
) -> (Vec<Arm>, Vec<TraceStep>) {
    let member = |stage| match stage {
        Stage::Member(id) => snapshot.extension(id),
        Stage::Start | Stage::Extension(_) | Stage::RingGroup(_) | Stage::Outside => None::<&std::sync::Arc<_>>,
    };
    let mut planner = Planner::new(snapshot, attempt, course.clone(), at);
    let arms = member(course.stage).and_then(|member| forwarding::instead(&mut planner, member, status(cause)));
    (arms.unwrap_or_default(), planner.into_trace())
}

/// The extensions that ring at the phones of `host`: its own, unless its user is elsewhere, and its guests.
pub fn ring_at(snapshot: &TenantSnapshot, host: ExtensionId) -> Vec<ExtensionId> {
    let handling = snapshot.handling();
    let own = handling.host(host).is_none().then_some(host);
    own.into_iter().chain(handling.guests(host)).collect()
}
