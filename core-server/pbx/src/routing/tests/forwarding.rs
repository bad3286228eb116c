//! Forwarding rules of extensions (1.H, A30–A33).

use serde_json::{Value, json};
use wigwag_model::{HangupCause, limits};

use super::company::{Company, from_outside, told};
use crate::routing::{Attempt, Plan, Simulated, simulate};

fn to_extension(company: &Company, status: &str, number: &str) -> Value {
    json!({"status": status,
           "action": {"kind": "forward", "to": {"destination": {"kind": "extension", "id": company.id(number)}}}})
}

#[test]
fn s104_any_is_followed_before_the_phone_rings() {
    let mut company = Company::new();
    company.rule("102", to_extension(&company, "any", "103"));
    assert_eq!(company.rings(&company.dial("101", "102")), ["103"]);
}

#[test]
fn s105_s107_each_status_has_its_rule_and_the_first_wins() {
    let mut company = Company::new();
    for (status, number) in [
        ("busy", "103"),
        ("unanswered", "104"),
        ("failure", "105"),
        ("busy", "105"),
    ] {
        if company
            .extensions
            .iter()
            .all(|extension| extension.number.as_str() != number)
        {
            company.extension(number);
        }
        company.rule("102", to_extension(&company, status, number));
    }
    let attempt = Attempt::dialled(company.id("101"), "102");
    let first = company.dial("101", "102");
    assert_eq!(company.rings(&first), ["102"]);
    for (cause, number) in [
        (HangupCause::Busy, "103"),
        (HangupCause::Declined, "103"),
        (HangupCause::NoAnswer, "104"),
        (HangupCause::NoDevice, "105"),
        (HangupCause::NetworkFailure, "105"),
    ] {
        assert_eq!(
            company.rings(&company.then(&attempt, &first, cause)),
            [number],
            "{cause:?}"
        );
    }
}

#[test]
fn do_not_disturb_is_busy() {
    let mut company = Company::new();
    company.get("102").do_not_disturb = true;
    assert_eq!(company.dial("101", "102").plan, Plan::Reject(HangupCause::Busy));
    company.rule("102", to_extension(&company, "busy", "103"));
    assert_eq!(company.rings(&company.dial("101", "102")), ["103"]);
}

#[test]
fn s103_s113_a_rule_waits_for_its_interval_and_leaves_colleagues_alone() {
    let mut company = Company::new();
    let id = company.number(
        "01632 960100",
        Some(wigwag_model::Destination::Extension(company.id("102"))),
    );
    let night = json!({"kind": "weekly", "ranges": [{"days": ["monday"], "from": "18:00", "to": "08:00"}]});
    let night = company.interval("Night", night);
    let mut rule = to_extension(&company, "any", "103");
    rule["external_only"] = json!(true);
    company.rule("102", rule.clone());
    assert_eq!(company.rings(&company.dial("101", "102")), ["102"]);
    assert_eq!(company.rings(&company.call_in(id, "07700 900123")), ["103"]);
    company.handling.forwarding_rules.clear();
    rule["interval_id"] = json!(night);
    company.rule("102", rule);
    let decision = company.call_in(id, "07700 900123");
    assert_eq!(company.rings(&decision), ["102"]);
    assert!(told(&decision).contains(&"Its forwarding rule waits for “Night”".to_owned()));
}

#[test]
fn two_extensions_that_forward_to_each_other_end_in_one_that_rings() {
    let mut company = Company::new();
    company.rule("102", to_extension(&company, "any", "103"));
    company.rule("103", to_extension(&company, "any", "102"));
    let decision = company.dial("101", "102");
    assert_eq!(company.rings(&decision), ["103"], "{:?}", told(&decision));
    assert!(told(&decision).contains(&"The call has been there already: not again".to_owned()));
}

#[test]
fn a_call_is_sent_on_a_few_times_only() {
    let mut company = Company::new();
    for number in 120..=140 {
        company.extension(&number.to_string());
    }
    for number in 120..140 {
        let rule = to_extension(&company, "any", &(number + 1).to_string());
        company.rule(&number.to_string(), rule);
    }
    let decision = company.dial("101", "120");
    let hops = told(&decision)
        .iter()
        .filter(|step| step.contains("is the extension"))
        .count();
    assert!(hops <= limits::HOPS_PER_CALL + 1, "{hops}");
    assert_eq!(company.rings(&decision).len(), 1);
}

#[test]
fn a_rule_to_the_caller_is_not_followed() {
    let mut company = Company::new();
    company.rule("102", to_extension(&company, "any", "101"));
    assert_eq!(company.rings(&company.dial("101", "102")), ["102"]);
}

#[test]
fn when_the_mobile_does_not_answer_the_next_rule_may() {
    let mut company = Company::new();
    let id = company.number(
        "01632 960100",
        Some(wigwag_model::Destination::Extension(company.id("102"))),
    );
    company.rule(
        "102",
        json!({"status": "any", "action": {"kind": "forward", "to": {"number": "07700 900999"}}}),
    );
    company.rule("102", to_extension(&company, "unanswered", "103"));
    let attempt = from_outside(id, "07700 900123");
    let first = company.call_in(id, "07700 900123");
    assert_eq!(company.rings(&first), ["+447700900999"]);
    assert_eq!(
        company.rings(&company.then(&attempt, &first, HangupCause::NoAnswer)),
        ["103"]
    );
    assert_eq!(
        company.then(&attempt, &first, HangupCause::NoDevice).plan,
        Plan::Reject(HangupCause::NoDevice)
    );
}

#[test]
fn the_simulator_shows_every_branch() {
    let mut company = Company::new();
    company.rule("102", to_extension(&company, "busy", "103"));
    let simulation = simulate(
        &company.snapshot(),
        &Attempt::dialled(company.id("101"), "102"),
        company.at,
    );
    let Simulated::Rings { otherwise, .. } = &simulation.outcome else {
        panic!("rings")
    };
    let shown: Vec<_> = otherwise
        .iter()
        .map(|(cause, next)| (*cause, matches!(next.outcome, Simulated::Rings { .. })))
        .collect();
    assert_eq!(
        shown,
        [
            (HangupCause::Busy, true),
            (HangupCause::NoAnswer, false),
            (HangupCause::NoDevice, false)
        ]
    );
}
