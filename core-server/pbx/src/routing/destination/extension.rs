//! A phone extension: its rules for every call, then its devices or, for a virtual one, its number (1.F, 1.H).

use std::time::Duration;

use wigwag_model::{CallStatus, Extension, ExtensionId, ExtensionKind, HangupCause};

use crate::routing::{
    course::Stage,
    forwarding::{self, Scope},
    party,
    plan::{Arm, Order, Plan, Ring, Target},
    planner::Planner,
    trace::TraceStep,
};

/// An extension is called by itself.
pub(super) fn plan(planner: &mut Planner<'_>, id: ExtensionId) -> Plan {
    planner.course.stage = Stage::Extension(id);
    let Some(extension) = planner.extension(id) else {
        return Plan::Reject(HangupCause::UnknownNumber);
    };
    planner.calls(party(extension));
    planner.tell(TraceStep::Extension {
        number: extension.number.clone(),
        name: extension.name.as_str().into(),
        ring_timeout_s: extension.ring_timeout_s,
    });
    if let Some(plan) = forwarding::follow(planner, id, CallStatus::Any, Scope::Direct) {
        return plan;
    }
    if extension.do_not_disturb {
        planner.tell(TraceStep::DoNotDisturb);
        return after(planner, id, HangupCause::Busy);
    }
    match arm(planner, extension) {
        Some(arm) => ring(planner, vec![arm], extension),
        None => after(planner, id, HangupCause::NotAllowed),
    }
}

/// The extension could not be reached, and why.
pub(in crate::routing) fn after(planner: &mut Planner<'_>, id: ExtensionId, cause: HangupCause) -> Plan {
    let status = crate::routing::course::status(cause);
    forwarding::follow(planner, id, status, Scope::Direct).unwrap_or(Plan::Reject(cause))
}

/// Rings for the extension's own ring timeout.
pub(in crate::routing) fn ring(planner: &Planner<'_>, arms: Vec<Arm>, extension: &Extension) -> Plan {
    Plan::Ring(Ring {
        arms,
        order: Order::Together,
        timeout: ring_timeout(extension),
        course: planner.course.clone(),
    })
}

pub(in crate::routing) fn ring_timeout(extension: &Extension) -> Duration {
    Duration::from_secs(u64::from(extension.ring_timeout_s))
}

/// What rings for an extension; nothing where its number outside may not be called.
pub(in crate::routing) fn arm(planner: &mut Planner<'_>, extension: &Extension) -> Option<Arm> {
    let (target, screening) = match &extension.kind {
        ExtensionKind::Regular => {
            let host = planner
                .handling
                .host(extension.id)
                .and_then(|host| planner.extension(host));
            if let Some(host) = host {
                planner.tell(TraceStep::AtAnotherDesk {
                    host: host.number.clone(),
                });
            }
            (Target::Extension(extension.id), false)
        }
        ExtensionKind::Virtual { forward_to, screening } => {
            let outside = planner.outside().forwarded(extension, forward_to, true)?;
            (Target::Outside(outside), *screening)
        }
    };
    Some(Arm {
        target,
        extension: Some(extension.id),
        screening,
        timeout: None,
        course: None,
    })
}
