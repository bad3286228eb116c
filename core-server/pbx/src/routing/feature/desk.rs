//! `*78` and `*79`: receiving one's calls at another's phone (1.S, A11, A12).

use wigwag_model::{Extension, ExtensionKind};

use crate::routing::{
    plan::{Change, Plan, Saying, Treatment},
    planner::Planner,
};

/// `*78xxx` at the phone where the calls of `xxx` shall ring.
pub(super) fn begin(planner: &Planner<'_>, caller: &Extension, argument: &str) -> Plan {
    if argument.is_empty() {
        return say(Saying::HotDeskHelp);
    }
    match guest(planner, argument) {
        None => say(Saying::NoSuchExtension),
        Some(guest) if guest.id == caller.id => say(Saying::OwnDesk),
        Some(guest) => ask(
            planner,
            guest,
            Change::HotDesk {
                guest: guest.id,
                host: caller.id,
            },
        ),
    }
}

/// `*79` at the own phone, `*79xxx` at any; the PIN is asked for where neither the guest nor the host dials (A11).
pub(super) fn end(planner: &Planner<'_>, caller: &Extension, argument: &str) -> Plan {
    let guest = if argument.is_empty() {
        Some(caller)
    } else {
        guest(planner, argument)
    };
    let Some(guest) = guest else {
        return say(Saying::NoSuchExtension);
    };
    let Some(host) = planner.handling.host(guest.id) else {
        return say(Saying::NoHotDesk);
    };
    let change = Change::HotDeskEnd { guest: guest.id };
    if caller.id == guest.id || caller.id == host {
        return Plan::Treat(Treatment::Change(change));
    }
    ask(planner, guest, change)
}

/// A regular extension: only they have phones to leave.
fn guest<'a>(planner: &Planner<'a>, number: &str) -> Option<&'a Extension> {
    let extension = planner.snapshot.extension_by_number(&number.parse().ok()?)?;
    matches!(extension.kind, ExtensionKind::Regular).then_some(&**extension)
}

fn ask(planner: &Planner<'_>, guest: &Extension, then: Change) -> Plan {
    match planner.handling.pin(guest.id) {
        Some(_) => Plan::Treat(Treatment::Ask { pin_of: guest.id, then }),
        None => say(Saying::NoPin),
    }
}

fn say(saying: Saying) -> Plan {
    Plan::Treat(Treatment::Say(saying))
}
