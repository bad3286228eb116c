//! Deciding a call: (snapshot, attempt) → plan, pure and always with its explanation.
//!
//! The portal's simulator and the switch call the same [`plan`]. Limits are not looked at here: the switch applies
//! them when the plan is carried out.

mod destination;
mod dialled;
mod feature;
mod plan;
mod trace;

use smol_str::SmolStr;
use wigwag_model::{Extension, ExtensionId, ExtensionNumber, HangupCause, Party};
use wigwag_sansio::Pii;

pub use dialled::{DIALLED_CHARS, Dialled};
pub use feature::FeatureCode;
pub use plan::{Decision, Plan, Ring, Target, Treatment};
pub use trace::TraceStep;

use crate::TenantSnapshot;

/// Somebody of the company dials.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The calling extension.
    pub caller: ExtensionId,
    /// The user part of the Request-URI, unescaped.
    pub dialled: SmolStr,
}

/// UK public services with three digits that have to be dialled with 44 before them (S233–S235, A16).
const UK_SHORT_NUMBERS: [&str; 5] = ["101", "105", "111", "119", "159"];

/// Decides what happens to `attempt`.
pub fn plan(snapshot: &TenantSnapshot, attempt: &Attempt) -> Decision {
    let mut trace = Vec::with_capacity(4);
    if let Some(caller) = snapshot.extension(attempt.caller) {
        trace.push(TraceStep::Caller {
            extension: caller.number.clone(),
            name: caller.name.clone(),
        });
    }
    trace.push(TraceStep::Dialled {
        text: attempt.dialled.clone(),
    });
    match Dialled::parse(&attempt.dialled) {
        Dialled::Emergency(_) => refuse(trace, Some(TraceStep::NoEmergencyGateway), HangupCause::NetworkFailure),
        Dialled::Internal(number) => match snapshot.extension_by_number(&number) {
            Some(extension) => ring(trace, extension),
            None => nobody(trace, &number),
        },
        Dialled::Username(username) => match snapshot.extension_by_username(&username) {
            Some(extension) => ring(trace, extension),
            None => {
                let step = TraceStep::NobodyHas {
                    text: attempt.dialled.clone(),
                };
                refuse(trace, Some(step), HangupCause::UnknownNumber)
            }
        },
        Dialled::Feature(code) => treat(trace, code),
        Dialled::UkShort(_) | Dialled::Outside(_) => {
            refuse(trace, Some(TraceStep::NoOutsideLine), HangupCause::NotAllowed)
        }
        Dialled::UnknownFeature(text) => refuse(trace, Some(TraceStep::NobodyHas { text }), HangupCause::UnknownNumber),
        Dialled::Unintelligible => refuse(trace, None, HangupCause::UnknownNumber),
    }
}

/// How an extension appears to others.
pub fn party(extension: &Extension) -> Party {
    Party {
        name: Some(Pii::new(extension.name.clone())),
        number: Pii::new(extension.number.to_string()),
        extension: Some((extension.id, extension.number.clone())),
    }
}

fn ring(mut trace: Vec<TraceStep>, extension: &Extension) -> Decision {
    trace.push(TraceStep::Extension {
        number: extension.number.clone(),
        name: extension.name.clone(),
        ring_timeout_s: extension.ring_timeout_s,
    });
    Decision {
        plan: destination::extension::plan(extension),
        callee: Some(party(extension)),
        trace,
    }
}

fn treat(mut trace: Vec<TraceStep>, code: FeatureCode) -> Decision {
    trace.push(TraceStep::Feature { code });
    let plan = feature::plan(code);
    if let Plan::Treat(treatment) = plan {
        trace.push(TraceStep::Treat { treatment });
    }
    Decision {
        plan,
        callee: None,
        trace,
    }
}

fn nobody(trace: Vec<TraceStep>, number: &ExtensionNumber) -> Decision {
    let step = if UK_SHORT_NUMBERS.contains(&number.as_str()) {
        TraceStep::NeedsPrefix {
            dial: format!("44{number}").into(),
        }
    } else {
        TraceStep::NobodyHas {
            text: number.as_str().into(),
        }
    };
    refuse(trace, Some(step), HangupCause::UnknownNumber)
}

fn refuse(mut trace: Vec<TraceStep>, why: Option<TraceStep>, cause: HangupCause) -> Decision {
    trace.extend(why);
    trace.push(TraceStep::Refused { cause });
    Decision {
        plan: Plan::Reject(cause),
        callee: None,
        trace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::tests::snapshot_with;

    fn decide(dialled: &str) -> Decision {
        let snapshot = snapshot_with(&["201", "202"]);
        let caller = snapshot
            .extension_by_number(&"201".parse().expect("a number"))
            .expect("is there")
            .id;
        plan(
            &snapshot,
            &Attempt {
                caller,
                dialled: dialled.into(),
            },
        )
    }

    #[test]
    fn a_colleague_is_rung_for_the_ring_timeout() {
        let decision = decide("202");
        let Plan::Ring(ring) = &decision.plan else {
            panic!("rings: {decision:?}")
        };
        assert_eq!(ring.timeout.as_secs(), 30);
        assert_eq!(ring.targets.len(), 1);
        let story: Vec<String> = decision.trace.iter().map(ToString::to_string).collect();
        assert_eq!(
            story,
            [
                "Extension 201 (Extension 201) calls",
                "Dialled: 202",
                "202 is the extension “Extension 202”: its phones ring for 30 s"
            ]
        );
    }

    #[test]
    fn the_echo_test_is_treated_by_the_exchange() {
        assert_eq!(decide("*52").plan, Plan::Treat(Treatment::Echo));
    }

    #[test]
    fn outside_and_emergency_numbers_are_refused_with_a_plain_reason() {
        assert_eq!(decide("01632960123").plan, Plan::Reject(HangupCause::NotAllowed));
        assert_eq!(decide("999").plan, Plan::Reject(HangupCause::NetworkFailure));
        assert!(decide("999").trace.contains(&TraceStep::NoEmergencyGateway));
        assert!(decide("44101").trace.contains(&TraceStep::NoOutsideLine));
    }

    #[test]
    fn a_bare_police_number_says_what_to_dial() {
        let decision = decide("101");
        assert_eq!(decision.plan, Plan::Reject(HangupCause::UnknownNumber));
        assert!(
            decision
                .trace
                .contains(&TraceStep::NeedsPrefix { dial: "44101".into() })
        );
    }

    #[test]
    fn nobody_is_found_outside_the_own_company() {
        assert_eq!(decide("203").plan, Plan::Reject(HangupCause::UnknownNumber));
        assert_eq!(decide("654321").plan, Plan::Reject(HangupCause::UnknownNumber));
    }
}
