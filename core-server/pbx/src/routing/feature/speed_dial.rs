//! `*0n`: a contact of the company's phone book (S227, A02).

use wigwag_model::Extension;

use super::number;
use crate::routing::{
    plan::{Plan, Saying, Treatment},
    planner::Planner,
    trace::TraceStep,
};

pub(super) fn plan(planner: &mut Planner<'_>, caller: &Extension, argument: &str) -> Plan {
    if argument.is_empty() {
        return Plan::Treat(Treatment::Say(Saying::EnterSpeedDial));
    }
    let handling = planner.handling;
    let Some(contact) = argument.parse().ok().and_then(|key| handling.speed_dial(key)) else {
        return Plan::Treat(Treatment::Say(Saying::NoSuchSpeedDial));
    };
    planner.tell(TraceStep::SpeedDial {
        name: contact.name.as_str().into(),
    });
    number::public(planner, caller, contact.number.clone())
}
