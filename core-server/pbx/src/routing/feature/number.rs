//! Somebody or something with a number: a colleague, a group, a public service, anybody outside.

use std::time::Duration;

use smol_str::SmolStr;
use wigwag_model::{Destination, Extension, ExtensionNumber, HangupCause, PhoneNumber, PhoneNumberError, SipUsername};

use crate::routing::{
    course::Stage,
    dialled::Dialled,
    emergency,
    plan::{Arm, Order, Outside, Plan, Ring, Saying, Target, Treatment},
    planner::Planner,
    trace::TraceStep,
};

/// UK public services with three digits that have to be dialled with 44 before them (S233–S235, A16).
const SERVICES: [&str; 6] = ["101", "105", "111", "119", "123", "159"];
/// Beginnings of UK short numbers with six digits: directory enquiries, helplines of social value.
const SHORT_SIX_DIGITS: [&str; 2] = ["116", "118"];
/// How long a number outside rings that somebody dialled: longer than any carrier lets it.
const OUTSIDE_RINGS: Duration = Duration::from_secs(180);

pub(super) fn plan(planner: &mut Planner<'_>, caller: &Extension, dialled: Dialled) -> Plan {
    match dialled {
        Dialled::Emergency(number) => emergency::ring(planner, caller, number),
        Dialled::Internal(number) => internal(planner, &number),
        Dialled::SixDigits(username) => six_digits(planner, caller, &username),
        Dialled::Short(number) => short(planner, caller, number),
        Dialled::Digits(text) => outside(planner, caller, &text),
        Dialled::Unintelligible => Plan::Reject(HangupCause::UnknownNumber),
    }
}

fn internal(planner: &mut Planner<'_>, number: &ExtensionNumber) -> Plan {
    if let Some(extension) = planner.snapshot.extension_by_number(number) {
        return planner.go_to(Destination::Extension(extension.id));
    }
    if let Some(destination) = planner.handling.internal(number) {
        return planner.go_to(destination);
    }
    if SERVICES.contains(&number.as_str()) {
        let dial: SmolStr = format!("44{number}").into();
        planner.tell(TraceStep::NeedsPrefix { dial: dial.clone() });
        return Plan::Treat(Treatment::Say(Saying::DialInstead(dial)));
    }
    nobody(planner, number.as_str())
}

fn six_digits(planner: &mut Planner<'_>, caller: &Extension, username: &SipUsername) -> Plan {
    if let Some(extension) = planner.snapshot.extension_by_username(username) {
        return planner.go_to(Destination::Extension(extension.id));
    }
    if SHORT_SIX_DIGITS
        .iter()
        .any(|beginning| username.as_str().starts_with(beginning))
    {
        return short(planner, caller, username.as_str().into());
    }
    outside(planner, caller, username.as_str())
}

fn short(planner: &mut Planner<'_>, caller: &Extension, number: SmolStr) -> Plan {
    planner.tell(TraceStep::Short { number: number.clone() });
    let outside = planner.outside().short(caller, number);
    ring(planner, outside)
}

pub(super) fn outside(planner: &mut Planner<'_>, caller: &Extension, text: &str) -> Plan {
    let area = planner.handling.settings().area_code.as_ref();
    match PhoneNumber::dialled(text, area) {
        Ok(number) => public(planner, caller, number),
        Err(PhoneNumberError::NotANumber | PhoneNumberError::NoAreaCode) => nobody(planner, text),
        Err(PhoneNumberError::Length) => Plan::Reject(HangupCause::IncompleteNumber),
    }
}

/// A public number; one of the company's own is reached without going outside.
pub(super) fn public(planner: &mut Planner<'_>, caller: &Extension, number: PhoneNumber) -> Plan {
    let handling = planner.handling;
    if let Some(own) = handling.own_number(&number) {
        planner.tell(TraceStep::OwnNumber { number });
        return match own.settings.destination {
            Some(destination) => planner.go_to(destination),
            None => {
                planner.tell(TraceStep::NotSet);
                Plan::Reject(HangupCause::UnknownNumber)
            }
        };
    }
    let outside = planner.outside().dialled(caller, number);
    ring(planner, outside)
}

fn ring(planner: &mut Planner<'_>, outside: Option<Outside>) -> Plan {
    let Some(outside) = outside else {
        return Plan::Reject(HangupCause::NotAllowed);
    };
    planner.course.stage = Stage::Outside;
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
        timeout: OUTSIDE_RINGS,
        course: planner.course.clone(),
    })
}

fn nobody(planner: &mut Planner<'_>, text: &str) -> Plan {
    planner.tell(TraceStep::NobodyHas { text: text.into() });
    Plan::Reject(HangupCause::UnknownNumber)
}
