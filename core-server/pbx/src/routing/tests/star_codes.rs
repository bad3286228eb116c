//! Star codes from idle (1.S, 1.T).

use serde_json::json;
use wigwag_model::{HotDesk, SpeedDial};
use wigwag_sansio::Entropy;

use super::company::{Company, phone};
use crate::routing::{Change, PickUp, Plan, Saying, Treatment};

fn treatment(company: &Company, caller: &str, dialled: &str) -> Treatment {
    match company.dial(caller, dialled).plan {
        Plan::Treat(treatment) => treatment,
        other @ (Plan::Ring(_) | Plan::Reject(_)) => panic!("{dialled}: {other:?}"),
    }
}

#[test]
fn s223_s225_pick_up() {
    let mut company = Company::new();
    let at = |number| Treatment::PickUp(PickUp::At(company.id(number)));
    assert_eq!(treatment(&company, "101", "**102"), at("102"));
    assert_eq!(treatment(&company, "101", "**103000"), at("103"));
    assert_eq!(treatment(&company, "101", "*21"), Treatment::PickUp(PickUp::Any));
    let group = company.group("200", json!({"kind": "ring_all", "timeout_s": 25}), &["101"]);
    company.group("201", json!({"kind": "ring_all", "timeout_s": 25}), &["102"]);
    company.handling.settings.pick_up_in_groups_only = true;
    assert_eq!(
        treatment(&company, "101", "*21"),
        Treatment::PickUp(PickUp::InGroups(vec![group]))
    );
}

#[test]
fn s229_a_rule_is_switched_by_its_key() {
    let mut company = Company::new();
    let id = company.rule(
        "101",
        json!({"status": "busy", "action": {"kind": "busy"}, "key": "07"}),
    );
    let extension = company.id("101");
    let switched = Treatment::Change(Change::Rule {
        extension,
        rule: id,
        on: false,
    });
    assert_eq!(treatment(&company, "101", "*7407"), switched);
    assert_eq!(treatment(&company, "101", "*7408"), Treatment::Say(Saying::NoSuchRule));
    assert_eq!(treatment(&company, "102", "*7407"), Treatment::Say(Saying::NoSuchRule));
    let on = Saying::RulesOn(vec!["07".parse().expect("a key")]);
    assert_eq!(treatment(&company, "101", "*74"), Treatment::Say(on));
}

#[test]
fn s211_s215_hot_desking() {
    let mut company = Company::new();
    let (guest, host) = (company.id("101"), company.id("102"));
    assert_eq!(treatment(&company, "102", "*78"), Treatment::Say(Saying::HotDeskHelp));
    assert_eq!(treatment(&company, "101", "*78101"), Treatment::Say(Saying::OwnDesk));
    assert_eq!(treatment(&company, "102", "*78101"), Treatment::Say(Saying::NoPin));
    company.handling.pins.push((guest, "2580".parse().expect("a PIN")));
    let ask = Treatment::Ask {
        pin_of: guest,
        then: Change::HotDesk { guest, host },
    };
    assert_eq!(treatment(&company, "102", "*78101"), ask);
    assert_eq!(treatment(&company, "101", "*79"), Treatment::Say(Saying::NoHotDesk));
    company.handling.hot_desks.push(HotDesk {
        guest,
        host,
        since: company.at,
        until: None,
    });
    let end = Change::HotDeskEnd { guest };
    assert_eq!(treatment(&company, "101", "*79"), Treatment::Change(end));
    assert_eq!(treatment(&company, "102", "*79101"), Treatment::Change(end));
    assert_eq!(
        treatment(&company, "103", "*79101"),
        Treatment::Ask {
            pin_of: guest,
            then: end
        }
    );
}

#[test]
fn s227_speed_dial() {
    let mut company = Company::new();
    company.number("01632 960100", None);
    company.handling.speed_dials.push(SpeedDial {
        contact_id: wigwag_model::ContactId::new(company.at, &mut Entropy::from_number(1)),
        key: 12,
        name: "Bob".to_owned(),
        number: phone("07700 900123"),
    });
    assert_eq!(company.rings(&company.dial("101", "*012")), ["+447700900123"]);
    assert_eq!(treatment(&company, "101", "*0"), Treatment::Say(Saying::EnterSpeedDial));
    assert_eq!(
        treatment(&company, "101", "*013"),
        Treatment::Say(Saying::NoSuchSpeedDial)
    );
}

#[test]
fn s232_the_echo_test() {
    assert_eq!(treatment(&Company::new(), "101", "*52"), Treatment::Echo);
}
