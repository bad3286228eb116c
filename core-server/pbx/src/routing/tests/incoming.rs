//! Calls from outside: blocked callers, routing rules, identifiers (1.D, 1.R).

use serde_json::json;
use wigwag_model::{BlockedCaller, BlockedCallerId, Destination, HangupCause, RoutingRule};
use wigwag_sansio::{Entropy, Utc};

use super::company::{Company, from_outside, told};
use crate::routing::{Plan, caller};

#[test]
fn s010_a_number_without_destination_refuses() {
    let mut company = Company::new();
    let id = company.number("01632 960100", None);
    let decision = company.call_in(id, "07700 900123");
    assert_eq!(decision.plan, Plan::Reject(HangupCause::UnknownNumber));
    assert!(told(&decision).contains(&"The number has no destination yet".to_owned()));
}

#[test]
fn s057_the_first_routing_rule_that_holds_wins() {
    let mut company = Company::new();
    let id = company.number("01632 960100", Some(Destination::Extension(company.id("101"))));
    let weekly = |days: &[&str], from: &str, to: &str| json!({"kind": "weekly", "ranges": [{"days": days, "from": from, "to": to}]});
    let night = company.interval("Night", weekly(&["monday"], "20:00", "06:00"));
    let lunch = company.interval("Lunch", weekly(&["monday", "tuesday"], "12:00", "13:00"));
    let noon = company.interval("Noon", weekly(&["monday"], "12:00", "12:00"));
    let to = |interval_id, number: &str| RoutingRule {
        interval_id,
        destination: Destination::Extension(company.id(number)),
    };
    let rules = vec![to(night, "101"), to(lunch, "102"), to(noon, "103")];
    company.handling.numbers[0].settings.routing_rules = rules;
    let decision = company.call_in(id, "07700 900123");
    assert_eq!(company.rings(&decision), ["102"]);
    assert!(told(&decision).contains(&"It is not “Night” now".to_owned()));
    company.at = Utc::from_millis(company.at.as_millis() + 2 * 3600 * 1000);
    assert_eq!(company.rings(&company.call_in(id, "07700 900123")), ["101"]);
}

#[test]
fn s205_s208_blocked_callers_are_refused_and_others_not() {
    let mut company = Company::new();
    let id = company.number("01632 960100", Some(Destination::Extension(company.id("101"))));
    let mut entropy = Entropy::from_number(3);
    for matches in [
        json!({"kind": "exact", "number": "07700 900123"}),
        json!({"kind": "prefix", "number": "0870"}),
        json!({"kind": "withheld"}),
    ] {
        let id = BlockedCallerId::new(company.at, &mut entropy);
        let matches = serde_json::from_value(matches).expect("an entry");
        company.handling.blocked_callers.push(BlockedCaller { id, matches });
    }
    for blocked in ["+447700900123", "0870 496 0123", "withheld"] {
        let decision = company.call_in(id, blocked);
        assert_eq!(decision.plan, Plan::Reject(HangupCause::Blocked), "{blocked}");
    }
    for welcome in ["07700 900124", "0871 496 0123", "unavailable"] {
        assert_eq!(company.rings(&company.call_in(id, welcome)), ["101"], "{welcome}");
    }
}

#[test]
fn s054_the_identifier_of_the_called_number_comes_before_the_caller() {
    let mut company = Company::new();
    let id = company.number("01632 960100", None);
    company.handling.numbers[0].settings.identifier = Some("Sales".to_owned());
    let party = caller(&company.snapshot(), &from_outside(id, "07700 900123")).expect("somebody");
    let name = party.name.map(|name| name.expose().clone());
    assert_eq!(
        (name.as_deref(), party.number.expose().as_str()),
        (Some("Sales: 07700900123"), "07700900123")
    );
}
