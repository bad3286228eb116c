//! `*21` and `**xxx`: taking a call that rings elsewhere in the company (S223–S225, A01, A08).

use wigwag_model::{Extension, HangupCause, SipUsername};

use crate::routing::{
    plan::{PickUp, Plan, Treatment},
    planner::Planner,
    trace::TraceStep,
};

/// Whoever rings longest; where the company wishes so, only in one's own groups.
pub(super) fn any(planner: &Planner<'_>, caller: &Extension) -> Plan {
    let handling = planner.handling;
    if !handling.settings().pick_up_in_groups_only {
        return Plan::Treat(Treatment::PickUp(PickUp::Any));
    }
    let groups = handling
        .ring_groups()
        .filter(|group| group.settings.members.contains(&caller.id));
    Plan::Treat(Treatment::PickUp(PickUp::InGroups(
        groups.map(|group| group.id).collect(),
    )))
}

/// An extension by its three digits, or its six of the SIP username.
pub(super) fn at(planner: &mut Planner<'_>, argument: &str) -> Plan {
    let snapshot = planner.snapshot;
    let by_number = argument
        .parse()
        .ok()
        .and_then(|number| snapshot.extension_by_number(&number));
    let by_username = || snapshot.extension_by_username(&argument.parse::<SipUsername>().ok()?);
    match by_number.or_else(by_username) {
        Some(extension) => Plan::Treat(Treatment::PickUp(PickUp::At(extension.id))),
        None => {
            planner.tell(TraceStep::NobodyHas { text: argument.into() });
            Plan::Reject(HangupCause::UnknownNumber)
        }
    }
}
