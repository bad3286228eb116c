//! What an extension dials from idle: star codes (features.md 1.T, one file each), colleagues, numbers outside.

mod desk;
mod forwarding_rule;
mod number;
mod pick_up;
mod speed_dial;

use smol_str::SmolStr;
use wigwag_model::{DialledFeature, Extension, ExtensionId, FeatureCode, HangupCause};

use super::{
    attempt::Caller,
    dialled::{Dialled, plain},
    plan::{Change, Plan, Treatment},
    planner::Planner,
    trace::TraceStep,
};

/// The caller dials from idle.
pub(super) fn dialled(planner: &mut Planner<'_>, text: &str) -> Plan {
    planner.tell(TraceStep::Dialled { text: text.into() });
    let caller = match planner.attempt.caller {
        Caller::Extension(id) => planner.extension(id),
        Caller::Outside(_) => None,
    };
    let Some(caller) = caller else {
        return Plan::Reject(HangupCause::NotAllowed);
    };
    let form = Dialled::parse(text);
    if form.is_emergency() {
        return number::plan(planner, caller, form);
    }
    match planner.handling.codes().read(&plain(text)) {
        Some(dialled) => feature(planner, caller, &dialled),
        None => number::plan(planner, caller, form),
    }
}

/// `by` sends the caller to what is dialled: people and numbers can be called so, and a caller can be parked.
pub(super) fn transferred(planner: &mut Planner<'_>, by: ExtensionId, text: &str) -> Plan {
    planner.tell(TraceStep::Transferred { text: text.into() });
    let Some(by) = planner.extension(by) else {
        return Plan::Reject(HangupCause::NotAllowed);
    };
    match planner.handling.codes().read(&plain(text)) {
        Some(dialled) => match dialled.feature {
            FeatureCode::Park => park(&dialled.argument),
            FeatureCode::SpeedDial => speed_dial::plan(planner, by, &dialled.argument),
            FeatureCode::Withhold
            | FeatureCode::WithholdUk
            | FeatureCode::Release
            | FeatureCode::Mailbox
            | FeatureCode::AnyMailbox
            | FeatureCode::QueueLogIn
            | FeatureCode::QueueToggle
            | FeatureCode::QueueLogOut
            | FeatureCode::PickUpAny
            | FeatureCode::PickUp
            | FeatureCode::HotDesk
            | FeatureCode::HotDeskEnd
            | FeatureCode::ForwardingRule
            | FeatureCode::DoNotDisturb
            | FeatureCode::Echo => Plan::Reject(HangupCause::NotAllowed),
        },
        None => number::plan(planner, by, Dialled::parse(text)),
    }
}

fn feature(planner: &mut Planner<'_>, caller: &Extension, dialled: &DialledFeature) -> Plan {
    let DialledFeature { feature, argument } = dialled;
    planner.tell(TraceStep::Feature { feature: *feature });
    match feature {
        FeatureCode::Echo => Plan::Treat(Treatment::Echo),
        FeatureCode::PickUpAny => pick_up::any(planner, caller),
        FeatureCode::PickUp => pick_up::at(planner, argument),
        FeatureCode::HotDesk => desk::begin(planner, caller, argument),
        FeatureCode::HotDeskEnd => desk::end(planner, caller, argument),
        FeatureCode::SpeedDial => speed_dial::plan(planner, caller, argument),
        FeatureCode::Withhold | FeatureCode::WithholdUk => showing(planner, caller, argument, false),
        FeatureCode::Release => showing(planner, caller, argument, true),
        FeatureCode::ForwardingRule => forwarding_rule::plan(planner, caller, argument),
        FeatureCode::DoNotDisturb => Plan::Treat(Treatment::Change(Change::DoNotDisturb {
            extension: caller.id,
            on: !caller.do_not_disturb,
        })),
        FeatureCode::Park => park(argument),
        FeatureCode::Mailbox
        | FeatureCode::AnyMailbox
        | FeatureCode::QueueLogIn
        | FeatureCode::QueueToggle
        | FeatureCode::QueueLogOut => {
            planner.tell(TraceStep::ComesLater { kind: "feature".into() });
            Plan::Reject(HangupCause::NotAvailable)
        }
    }
}

/// `*67`, `141` and `1470`: the number is withheld or shown for this call (S228, A05).
fn showing(planner: &mut Planner<'_>, caller: &Extension, number: &str, shows: bool) -> Plan {
    planner.course.shows_number = Some(shows);
    number::plan(planner, caller, Dialled::parse(number))
}

fn park(argument: &SmolStr) -> Plan {
    Plan::Treat(Treatment::Park {
        place: argument.parse().ok(),
    })
}
