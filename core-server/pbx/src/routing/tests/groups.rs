//! Ring groups and the rules of their members (1.I, A19, A32).

use std::time::Duration;

use serde_json::json;
use wigwag_model::{Destination, ExtensionKind, HangupCause};

use super::company::{Company, phone, told};
use crate::routing::{Attempt, Order, Plan, instead};

#[test]
fn s118_ring_all_rings_every_member_at_once() {
    let mut company = Company::new();
    company.group("200", json!({"kind": "ring_all", "timeout_s": 25}), &["102", "103"]);
    let decision = company.dial("101", "200");
    assert_eq!(company.rings(&decision), ["102", "103"]);
    let Plan::Ring(ring) = &decision.plan else {
        panic!("rings")
    };
    assert_eq!((ring.order, ring.timeout), (Order::Together, Duration::from_secs(25)));
}

#[test]
fn s119_a_cascade_rings_one_after_the_other() {
    let mut company = Company::new();
    company.group("200", json!({"kind": "cascade", "delay_s": 12}), &["103", "102"]);
    let decision = company.dial("101", "200");
    assert_eq!(company.rings(&decision), ["103", "102"]);
    let Plan::Ring(ring) = &decision.plan else {
        panic!("rings")
    };
    let every = Duration::from_secs(12);
    assert_eq!(
        (ring.order, ring.timeout),
        (
            Order::OneByOne {
                every,
                keep_ringing: false
            },
            every * 2
        )
    );
}

#[test]
fn s121_the_failover_takes_the_call_and_an_empty_group_goes_there_at_once() {
    let mut company = Company::new();
    company.group("200", json!({"kind": "ring_all", "timeout_s": 25}), &["102"]);
    company.handling.ring_groups[0].settings.failover = Some(Destination::Extension(company.id("103")));
    let attempt = Attempt::dialled(company.id("101"), "200");
    let first = company.dial("101", "200");
    for cause in [HangupCause::Busy, HangupCause::NoAnswer, HangupCause::NoDevice] {
        assert_eq!(company.rings(&company.then(&attempt, &first, cause)), ["103"]);
    }
    company.handling.ring_groups[0].settings.members.clear();
    assert_eq!(company.rings(&company.dial("101", "200")), ["103"]);
}

#[test]
fn a_group_whose_failover_is_itself_ends_the_call() {
    let mut company = Company::new();
    let id = company.group("200", json!({"kind": "ring_all", "timeout_s": 25}), &[]);
    company.handling.ring_groups[0].settings.failover = Some(Destination::RingGroup(id));
    let decision = company.dial("101", "200");
    assert_eq!(decision.plan, Plan::Reject(HangupCause::NoDevice));
    assert!(told(&decision).contains(&"The call has been there already: not again".to_owned()));
}

#[test]
fn s110_a_members_rules_are_left_alone_in_a_group_unless_they_say_otherwise() {
    let mut company = Company::new();
    company.number("01632 960100", None);
    company.group("200", json!({"kind": "ring_all", "timeout_s": 25}), &["102", "103"]);
    let rule = |group_calls: bool| {
        json!({"status": "any", "group_calls": group_calls,
               "action": {"kind": "forward", "to": {"number": "07700 900999"}}})
    };
    company.rule("102", rule(false));
    assert_eq!(company.rings(&company.dial("101", "200")), ["102", "103"]);
    company.rule("102", rule(true));
    let decision = company.dial("101", "200");
    assert_eq!(company.rings(&decision), ["+447700900999", "103"]);
    let Plan::Ring(ring) = &decision.plan else {
        panic!("rings")
    };
    assert!(ring.arms[0].screening, "a mobile's voicemail must not win (A32)");
}

#[test]
fn a_busy_member_of_a_group_may_have_somebody_ring_instead() {
    let mut company = Company::new();
    company.group("200", json!({"kind": "ring_all", "timeout_s": 25}), &["102"]);
    company.rule(
        "102",
        json!({"status": "busy", "group_calls": true,
               "action": {"kind": "forward", "to": {"destination": {"kind": "extension", "id": company.id("103")}}}}),
    );
    let attempt = Attempt::dialled(company.id("101"), "200");
    let decision = company.dial("101", "200");
    let Plan::Ring(ring) = &decision.plan else {
        panic!("rings")
    };
    let course = ring.arms[0].course.clone().expect("rules may follow");
    let replaced = |cause| {
        let (arms, _) = instead(&company.snapshot(), &attempt, &course, cause, company.at);
        arms.iter().map(|arm| company.name(&arm.target)).collect::<Vec<_>>()
    };
    assert_eq!(replaced(HangupCause::Busy), ["103"]);
    assert_eq!(replaced(HangupCause::NoDevice), Vec::<String>::new());
}

#[test]
fn s125_two_mobiles_ring_as_a_group() {
    let mut company = Company::new();
    company.number("01632 960100", None);
    for (number, mobile) in [("102", "07700 900102"), ("103", "07700 900103")] {
        company.get(number).kind = ExtensionKind::Virtual {
            forward_to: phone(mobile),
            screening: true,
        };
    }
    company.group("200", json!({"kind": "ring_all", "timeout_s": 25}), &["102", "103"]);
    assert_eq!(
        company.rings(&company.dial("101", "200")),
        ["+447700900102", "+447700900103"]
    );
}

#[test]
fn a_member_who_does_not_want_to_be_disturbed_is_skipped() {
    let mut company = Company::new();
    company.group("200", json!({"kind": "ring_all", "timeout_s": 25}), &["102", "103"]);
    company.get("102").do_not_disturb = true;
    assert_eq!(company.rings(&company.dial("101", "200")), ["103"]);
}
