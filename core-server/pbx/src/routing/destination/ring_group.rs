//! A ring group: its members ring together or one after the other; then its failover (1.I, A19, A32).

use std::time::Duration;

use wigwag_model::{CallStatus, Extension, ExtensionId, HangupCause, RingGroup, RingGroupId, RingStrategy};

use super::extension;
use crate::routing::{
    course::Stage,
    forwarding::{self, Scope},
    group_party,
    plan::{Arm, Order, Plan, Ring},
    planner::Planner,
    trace::TraceStep,
};

pub(super) fn plan(planner: &mut Planner<'_>, id: RingGroupId) -> Plan {
    let Some(group) = planner.handling.ring_group(id) else {
        return Plan::Reject(HangupCause::UnknownNumber);
    };
    planner.calls(group_party(group));
    planner.tell(TraceStep::RingGroup {
        number: group.settings.number.clone(),
        name: group.settings.name.as_str().into(),
        members: group.settings.members.len(),
    });
    let mut arms: Vec<Arm> = Vec::with_capacity(group.settings.members.len());
    for member in &group.settings.members {
        for arm in member_arms(planner, *member) {
            // Two members whose calls go to the same phones ring them once.
            if !arms.iter().any(|known| known.target.is_same(&arm.target)) {
                arms.push(arm);
            }
        }
    }
    planner.course.stage = Stage::RingGroup(id);
    if arms.is_empty() {
        planner.tell(TraceStep::NobodyToRing);
        return failover(planner, group, HangupCause::NoDevice);
    }
    let (order, timeout) = timing(group.settings.strategy, arms.len());
    Plan::Ring(Ring {
        arms,
        order,
        timeout,
        course: planner.course.clone(),
    })
}

/// Nobody of the group has answered.
pub(in crate::routing) fn after(planner: &mut Planner<'_>, id: RingGroupId, cause: HangupCause) -> Plan {
    match planner.handling.ring_group(id) {
        Some(group) => failover(planner, group, cause),
        None => Plan::Reject(cause),
    }
}

fn failover(planner: &mut Planner<'_>, group: &RingGroup, cause: HangupCause) -> Plan {
    let Some(destination) = group.settings.failover else {
        return Plan::Reject(cause);
    };
    planner.tell(TraceStep::Failover { cause });
    if planner.may_go_to(destination) {
        planner.go_to(destination)
    } else {
        Plan::Reject(cause)
    }
}

fn timing(strategy: RingStrategy, arms: usize) -> (Order, Duration) {
    match strategy {
        RingStrategy::RingAll { timeout_s } => (Order::Together, Duration::from_secs(u64::from(timeout_s))),
        RingStrategy::Cascade { delay_s, keep_ringing } => {
            let every = Duration::from_secs(u64::from(delay_s));
            let arms = u32::try_from(arms).unwrap_or(u32::MAX);
            (Order::OneByOne { every, keep_ringing }, every.saturating_mul(arms))
        }
    }
}

/// What rings for a member: its own rules count only where they are meant for calls of groups.
fn member_arms(planner: &mut Planner<'_>, id: ExtensionId) -> Vec<Arm> {
    let Some(member) = planner.extension(id) else {
        return Vec::new();
    };
    planner.tell(TraceStep::Member {
        number: member.number.clone(),
        name: member.name.as_str().into(),
    });
    if let Some(arms) = forwarding::instead(planner, member, CallStatus::Any) {
        return arms;
    }
    if member.do_not_disturb {
        planner.tell(TraceStep::DoNotDisturb);
        return forwarding::instead(planner, member, CallStatus::Busy).unwrap_or_default();
    }
    extension::arm(planner, member)
        .map(|arm| with_rules(planner, member, arm))
        .into_iter()
        .collect()
}

/// A member of whom a rule may still be followed later keeps the way to it.
fn with_rules(planner: &Planner<'_>, member: &Extension, mut arm: Arm) -> Arm {
    let rules = || forwarding::of_scope(planner.handling.rules(member.id), Scope::Group);
    if rules().any(|rule| rule.status == CallStatus::Unanswered) {
        arm.timeout = Some(extension::ring_timeout(member));
    }
    if rules().any(|rule| rule.status != CallStatus::Any) {
        let mut course = planner.course.clone();
        course.stage = Stage::Member(member.id);
        arm.course = Some(course);
    }
    arm
}
