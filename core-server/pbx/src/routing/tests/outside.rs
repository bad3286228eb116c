//! Calls to the outside: what may be called, and as whom (A33).

use serde_json::json;
use wigwag_model::{Destination, ExtensionKind, HangupCause};

use super::company::{Company, from_outside, phone, told};
use crate::routing::{Attempt, Identity, Outside, Plan, Target, plan};

fn outside(decision: &crate::routing::Decision) -> &Outside {
    let Plan::Ring(ring) = &decision.plan else {
        panic!("nobody rings: {:?}", told(decision))
    };
    let Target::Outside(outside) = &ring.arms[0].target else {
        panic!("inside")
    };
    outside
}

fn shows(number: &str) -> Identity {
    Identity {
        shown: Some(phone(number)),
        network: Some(phone(number)),
    }
}

#[test]
fn s059_only_own_and_approved_numbers_are_shown() {
    let mut company = Company::new();
    let refused = company.dial("101", "01632 960999");
    assert_eq!(refused.plan, Plan::Reject(HangupCause::NotAllowed));
    assert!(told(&refused).contains(&"The company has no number of its own to call from".to_owned()));
    company.number("01632 960100", None);
    company.number("01632 960101", None);
    assert_eq!(
        outside(&company.dial("101", "01632 960999")).identity,
        shows("01632 960100")
    );
    company.get("101").caller_id = Some(phone("01632 960101"));
    assert_eq!(
        outside(&company.dial("101", "01632 960999")).identity,
        shows("01632 960101")
    );
    company.get("101").caller_id = Some(phone("020 7946 0000"));
    assert_eq!(
        outside(&company.dial("101", "01632 960999")).identity,
        shows("01632 960100")
    );
    company.handling.approved_caller_ids.push(phone("020 7946 0000"));
    assert_eq!(
        outside(&company.dial("101", "01632 960999")).identity,
        shows("020 7946 0000")
    );
}

#[test]
fn s228_a_number_is_withheld_by_code_or_always_but_for_one_call() {
    let mut company = Company::new();
    company.number("01632 960100", None);
    for dialled in ["*6701632960999", "14101632960999"] {
        let decision = company.dial("101", dialled);
        let hidden = Identity {
            shown: None,
            network: Some(phone("01632 960100")),
        };
        assert_eq!(outside(&decision).identity, hidden);
    }
    company.get("101").withhold_number = true;
    assert_eq!(outside(&company.dial("101", "01632960999")).identity.shown, None);
    assert_eq!(
        outside(&company.dial("101", "147001632960999")).identity,
        shows("01632 960100")
    );
}

#[test]
fn s085_other_countries_are_called_only_where_that_is_allowed() {
    let mut company = Company::new();
    company.number("01632 960100", None);
    company.get("102").kind = ExtensionKind::Virtual {
        forward_to: phone("+1 202 555 0123"),
        screening: false,
    };
    assert_eq!(
        company.dial("101", "0012025550123").plan,
        Plan::Reject(HangupCause::NotAllowed)
    );
    assert_eq!(company.dial("101", "102").plan, Plan::Reject(HangupCause::NotAllowed));
    company.handling.settings.international = true;
    assert_eq!(company.rings(&company.dial("101", "0012025550123")), ["+12025550123"]);
    assert_eq!(company.rings(&company.dial("101", "102")), ["+12025550123"]);
}

#[test]
fn a_suspended_company_calls_nobody_outside() {
    let mut company = Company::new();
    company.number("01632 960100", None);
    company.handling.settings.suspended = true;
    assert_eq!(
        company.dial("101", "01632960999").plan,
        Plan::Reject(HangupCause::NotAllowed)
    );
    assert_eq!(company.dial("101", "44111").plan, Plan::Reject(HangupCause::NotAllowed));
    assert_eq!(company.rings(&company.dial("101", "102")), ["102"]);
}

#[test]
fn an_own_public_number_is_reached_without_going_outside_and_without_routing_rules() {
    let mut company = Company::new();
    let always = company.interval(
        "Always",
        json!({"kind": "yearly", "ranges": [{"from": "01-01", "to": "12-31"}]}),
    );
    let id = company.number("01632 960100", Some(Destination::Extension(company.id("102"))));
    let elsewhere = Destination::Extension(company.id("103"));
    company.handling.numbers[0].settings.routing_rules = vec![wigwag_model::RoutingRule {
        interval_id: always,
        destination: elsewhere,
    }];
    // S058: routing rules are for external calls only.
    assert_eq!(company.rings(&company.dial("101", "01632960100")), ["102"]);
    assert_eq!(company.rings(&company.call_in(id, "07700 900123")), ["103"]);
}

#[test]
fn s111_a_forwarded_call_shows_the_caller_or_the_extension() {
    let mut company = Company::new();
    let id = company.number("01632 960100", Some(Destination::Extension(company.id("101"))));
    let rule = |preserve: bool| {
        json!({"status": "any", "preserve_caller_id": preserve,
               "action": {"kind": "forward", "to": {"number": "07700 900999"}}})
    };
    company.rule("101", rule(true));
    let attempt = from_outside(id, "07700 900123");
    let preserved = plan(&company.snapshot(), &attempt, company.at);
    let identity = Identity {
        shown: Some(phone("07700 900123")),
        network: Some(phone("01632 960100")),
    };
    assert_eq!(outside(&preserved).identity, identity);
    assert_eq!(outside(&preserved).diverted_from, Some(phone("01632 960100")));
    company.handling.forwarding_rules.clear();
    company.rule("101", rule(false));
    assert_eq!(
        outside(&plan(&company.snapshot(), &attempt, company.at)).identity,
        shows("01632 960100")
    );
    let colleague = Attempt::dialled(company.id("102"), "101");
    assert_eq!(
        outside(&plan(&company.snapshot(), &colleague, company.at)).identity,
        shows("01632 960100")
    );
}
