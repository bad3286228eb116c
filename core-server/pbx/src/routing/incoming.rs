//! A call from outside for a public number: blocked callers, routing rules, destination (1.D, 1.R).

use smol_str::SmolStr;
use wigwag_model::{BlockedMatch, HangupCause, NumberId};

use super::{
    attempt::{Caller, NoNumber},
    plan::Plan,
    planner::Planner,
    trace::TraceStep,
};

pub(super) fn number(planner: &mut Planner<'_>, id: NumberId) -> Plan {
    let Some(number) = planner.handling.number(id) else {
        return Plan::Reject(HangupCause::UnknownNumber);
    };
    planner.tell(TraceStep::Number {
        number: number.number.clone(),
        identifier: number.settings.identifier.as_deref().map(SmolStr::new),
    });
    if let Some(by) = blocked(planner) {
        planner.tell(TraceStep::Blocked { by });
        return Plan::Reject(HangupCause::Blocked);
    }
    if planner.attempt.is_external() {
        for rule in &number.settings.routing_rules {
            let (holds, interval) = planner.holds(rule.interval_id);
            planner.tell(TraceStep::RoutingRule {
                interval: interval.into(),
                holds,
            });
            if holds {
                return planner.go_to(rule.destination);
            }
        }
    }
    match number.settings.destination {
        Some(destination) => planner.go_to(destination),
        None => {
            planner.tell(TraceStep::NotSet);
            Plan::Reject(HangupCause::UnknownNumber)
        }
    }
}

/// The entry of the list of blocked callers that the caller falls under.
fn blocked(planner: &Planner<'_>) -> Option<BlockedMatch> {
    let Caller::Outside(outsider) = &planner.attempt.caller else {
        return None;
    };
    let handling = planner.handling;
    match &outsider.number {
        Ok(number) => handling.blocks(number),
        Err(NoNumber::Withheld) => handling.blocks_withheld().then_some(BlockedMatch::Withheld),
        Err(NoNumber::Unavailable) => handling.blocks_unavailable().then_some(BlockedMatch::Unavailable),
    }
}
