//! Emergency calls: 999, 112 and 18000 need nothing but the number, and nothing stops them (S236, A58).

use std::time::Duration;

use smol_str::SmolStr;
use wigwag_model::{Extension, PhoneNumber};

use super::{
    course::{Course, Stage},
    plan::{Arm, Decision, Identity, Order, Outside, OutsideNumber, Plan, Ring, Target},
    planner::Planner,
    trace::TraceStep,
};

/// Nobody gives up on an emergency call but the caller.
const RINGS: Duration = Duration::from_secs(600);

/// An emergency call of which nothing is known but the number: the company's configuration is missing or broken.
pub fn without_snapshot(number: SmolStr) -> Decision {
    Decision {
        callee: None,
        trace: vec![TraceStep::Emergency { number: number.clone() }],
        plan: plan(number, None, Course::start()),
    }
}

/// An emergency call of an extension: its own number is always shown, also where it is withheld otherwise.
pub(super) fn ring(planner: &mut Planner<'_>, caller: &Extension, number: SmolStr) -> Plan {
    planner.tell(TraceStep::Emergency { number: number.clone() });
    let handling = planner.handling;
    let own = [caller.caller_id.as_ref(), handling.settings().caller_id.as_ref()];
    let own = own.into_iter().flatten().find(|number| handling.may_show(number));
    let any = || handling.numbers().map(|number| &number.number).next();
    plan(number, own.or_else(any).cloned(), planner.course.clone())
}

fn plan(number: SmolStr, own: Option<PhoneNumber>, mut course: Course) -> Plan {
    course.stage = Stage::Outside;
    let outside = Outside {
        number: OutsideNumber::Emergency(number),
        identity: Identity {
            shown: own.clone(),
            network: own,
        },
        diverted_from: None,
    };
    let arm = Arm {
        target: Target::Outside(outside),
        extension: None,
        screening: false,
        timeout: None,
        course: None,
    };
    Plan::Ring(Ring {
        arms: vec![arm],
        order: Order::Together,
        timeout: RINGS,
        course,
    })
}
