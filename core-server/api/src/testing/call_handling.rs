//! One of each kind of thing that a company sets up about where its calls go.

use serde_json::{Value, json};

use super::{Company, TestApi};

/// What stands in a path for each place.
pub(crate) type Ids = Vec<(&'static str, String)>;

/// Makes what the workshop's rules and the company's calls go by, and answers with an id for each place of a path.
pub(crate) async fn set_up_call_handling(api: &TestApi, company: &Company) -> Ids {
    let rules = format!("/v1/extensions/{}/forwarding_rules", company.workshop.id);
    let mut ids = Vec::new();
    for (place, path, body) in [
        ("{forwarding_rule}", rules.as_str(), rule()),
        ("{ring_group}", "/v1/ring_groups", ring_group()),
        ("{interval}", "/v1/intervals", interval()),
        ("{contact}", "/v1/contacts", contact()),
        ("{blocked_caller}", "/v1/blocked_callers", json!({"kind": "withheld"})),
    ] {
        let made = api.post(&company.owner, path, body).await.expect(201);
        ids.push((place, made["id"].as_str().expect("an id").to_owned()));
    }
    let desk = json!({"guest_id": company.workshop.id.to_string(), "host_id": company.reception.id.to_string()});
    api.post(&company.owner, "/v1/hot_desks", desk).await.expect(201);
    let _ = api.switch.told();
    ids
}

pub(crate) fn rule() -> Value {
    json!({"status": "any", "action": {"kind": "busy"}})
}

pub(crate) fn ring_group() -> Value {
    json!({"number": "299", "name": "All", "strategy": {"kind": "ring_all", "timeout_s": 20}, "members": []})
}

pub(crate) fn interval() -> Value {
    json!({"name": "Holidays", "when": {"kind": "bank_holidays", "ranges": "scotland"}})
}

pub(crate) fn contact() -> Value {
    json!({"name": "Plumber", "number": "01632 960123", "speed_dial": 7})
}

pub(crate) fn based_on(mut settings: Value) -> Value {
    settings["revision"] = json!(0);
    settings
}
