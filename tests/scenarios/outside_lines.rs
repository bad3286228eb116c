//! Calls to the outside and from there, over gateways to a make-believe carrier.

use std::io::Write;

use harness::{Api, Method};
use serde_json::{Value, json};
use wigwag_model::{
    CallDirection, HangupCause, Outcome,
    api::{ExtensionChange, KindRequest},
};
use wigwag_simulator::{
    Account, Admission, CallIn, CalledIn, Caller, Condition, Config, Demand, Outcome as Seen, Simulator, Way, tone_hz,
};

use crate::{
    crowds::free_range,
    office::{ALICE, BOB, CAROL, Office, tone_of},
};

/// A number outside that answers at once.
const ANSWERS: &str = "07700900150";
const ANSWERS_E164: &str = "+447700900150";

/// An office with public numbers, and the API of the platform's operator.
struct Town {
    office: Office,
    operator: Api,
    /// The company's numbers.
    numbers: Vec<Value>,
}

impl Town {
    /// Two public numbers of the company: the first leads to Alice, the second to nobody yet.
    async fn build() -> Town {
        let office = Office::open().await;
        let file = office.server.data().join("numbers.csv");
        let csv = "number,area,capabilities,monthly_price\n01632 960100,Town,,\n01632 960101,Town,,\n";
        std::fs::write(&file, csv).expect("a file");
        let load = ["numbers", "load", file.to_str().expect("a path")];
        office.server.tool(&load).await.expect_success();
        let wanted = json!({"numbers": ["+441632960100", "+441632960101"]});
        let taken: Value = office.api.ask(Method::POST, "/v1/numbers", &wanted).await;
        let numbers = taken["items"].as_array().expect("numbers").clone();
        let users = &office.server.ready().users;
        let operator = users
            .iter()
            .find(|user| user.username == "demooperator")
            .expect("a demo user");
        let operator = office.server.sign_in_as(operator).await;
        let town = Town {
            office,
            operator,
            numbers,
        };
        town.lead(0, ALICE).await;
        town
    }

    /// The same, with one carrier.
    async fn with_carrier() -> (Town, Simulator) {
        let town = Town::build().await;
        let carrier = carrier().await;
        town.gateway("Carrier", &carrier, &json!({})).await;
        (town, carrier)
    }

    /// Leads a number to an extension.
    async fn lead(&self, number: usize, extension: usize) {
        self.set(
            number,
            &json!({"revision": 0, "destination": self.destination(extension).await}),
        )
        .await;
    }

    async fn destination(&self, extension: usize) -> Value {
        json!({"kind": "extension", "id": self.office.extension_id(extension).await})
    }

    async fn set(&self, number: usize, settings: &Value) {
        let path = format!("/v1/numbers/{}", self.numbers[number]["id"].as_str().expect("an id"));
        let _: Value = self.office.api.ask(Method::PUT, &path, settings).await;
    }

    /// Makes a gateway to a carrier.
    async fn gateway(&self, name: &str, carrier: &Simulator, settings: &Value) {
        let mut gateway = json!({"name": name, "host": "127.0.0.1", "port": carrier.udp().port()});
        let settings = settings.as_object().expect("an object").clone();
        gateway.as_object_mut().expect("an object").extend(settings);
        let _: Value = self.operator.ask(Method::POST, "/v1/platform/gateways", &gateway).await;
    }

    /// Sets what the company may.
    async fn terms(&self, concurrent_calls: u32, suspended: bool) {
        let tenants: Value = self.operator.get("/v1/platform/tenants").await;
        let path = format!(
            "/v1/platform/tenants/{}",
            tenants["items"][0]["id"].as_str().expect("an id")
        );
        let terms = json!({"revision": 0, "concurrent_calls": concurrent_calls, "suspended": suspended});
        let _: Value = self.operator.ask(Method::PUT, &path, &terms).await;
    }

    fn way(&self) -> Way {
        Way::Udp(self.office.server.ready().sip.udp)
    }
}

async fn carrier() -> Simulator {
    Simulator::start(Config::default()).await.expect("a carrier")
}

#[tokio::test]
async fn s059_a_call_to_the_outside_is_heard_and_shows_the_companys_number() {
    let (town, carrier) = Town::with_carrier().await;
    let alice = town.office.phone(ALICE).await;
    let mut call = alice.dial(ANSWERS).await;
    call.answered().await;
    call.hears(f64::from(tone_hz(ANSWERS))).await;
    let seen = carrier.sees(|call| call.outcome == Seen::Talking).await;
    assert_eq!(seen.called, ANSWERS_E164);
    assert!(seen.from.contains("sip:+441632960100@"), "{}", seen.from);
    assert!(seen.p_asserted_identity[0].contains("sip:+441632960100@"));
    assert_eq!(seen.privacy, None);
    call.hang_up().await;
    let record = town.office.last_call(1).await;
    assert_eq!(
        (record.direction, record.outcome),
        (CallDirection::Outbound, Outcome::Answered)
    );
    town.office.server.settle().await;
}

#[tokio::test]
async fn s047_a_call_from_the_outside_rings_where_its_number_leads_and_is_heard() {
    let (town, carrier) = Town::with_carrier().await;
    let mut alice = town.office.phone(ALICE).await;
    let call = CallIn::new("+441632960100", town.way()).from("+447700900123");
    let mut outside = carrier.call(call).await.expect("a call");
    let mut inside = alice.rings().await;
    assert!(inside.caller().contains("07700900123"), "{}", inside.caller());
    inside.answer().await;
    outside.answered().await.expect("an answer");
    inside.hears(600.0).await;
    let heard = outside.heard().await.expect("sound");
    assert!(heard.is(tone_of(ALICE) as u16), "{heard:?}");
    inside.hang_up().await;
    outside.over().await;
    let record = town.office.last_call(1).await;
    assert_eq!(
        (record.direction, record.outcome),
        (CallDirection::Inbound, Outcome::Answered)
    );
    town.office.server.settle().await;
}

#[tokio::test]
async fn a_number_of_nobody_is_unknown_and_whoever_is_no_carrier_has_to_prove_who_it_is() {
    let (town, carrier) = Town::with_carrier().await;
    let nobodys = CallIn::new("+441632960199", town.way());
    let over = carrier.call(nobodys).await.expect("a call").over().await;
    assert_eq!(over.status, Some(404));
    let stranger = self::carrier().await;
    let call = CallIn::new("+441632960100", town.way());
    let over = stranger.call(call).await.expect("a call").over().await;
    assert_eq!(over.status, Some(401));
}

#[tokio::test]
async fn a_carrier_that_is_overloaded_is_replaced_by_the_next() {
    replaced_when(Condition::Overloaded { retry_after_secs: 60 }).await;
}

#[tokio::test]
async fn a_carrier_that_is_silent_is_replaced_by_the_next() {
    replaced_when(Condition::Down).await;
}

/// The first of two carriers fails a call, which the second takes; the next call does not try the first any more.
async fn replaced_when(condition: Condition) {
    let town = Town::build().await;
    let (first, second) = (carrier().await, carrier().await);
    town.gateway("First", &first, &json!({"order": 1})).await;
    town.gateway("Second", &second, &json!({"order": 2})).await;
    let alice = town.office.phone(ALICE).await;
    first.set_condition(condition);
    for _ in 0..2 {
        let mut call = alice.dial(ANSWERS).await;
        call.answered().await;
        call.hears(f64::from(tone_hz(ANSWERS))).await;
        call.hang_up().await;
    }
    assert_eq!(second.seen().len(), 2);
    let first = town.office.api.history(2).await.swap_remove(1);
    let story = town.office.api.trace(first.id).await;
    let story = serde_json::to_string(&story).expect("a story");
    assert!(story.contains("the next one is tried"), "{story}");
    town.office.server.settle().await;
}

#[tokio::test]
async fn what_the_called_side_says_is_final() {
    let town = Town::build().await;
    let (first, second) = (carrier().await, carrier().await);
    town.gateway("First", &first, &json!({"order": 1})).await;
    town.gateway("Second", &second, &json!({"order": 2})).await;
    let alice = town.office.phone(ALICE).await;
    for (number, status) in [("07700900161", 486), ("07700900162", 603), ("07700900163", 404)] {
        assert_eq!(alice.dial(number).await.refused().await, status, "{number}");
    }
    assert_eq!((first.seen().len(), second.seen().len()), (3, 0));
    town.office.server.settle().await;
}

#[tokio::test]
async fn a_number_is_withheld_on_the_way_out_and_on_the_way_in() {
    let (town, carrier) = Town::with_carrier().await;
    let mut alice = town.office.phone(ALICE).await;
    let mut call = alice.dial("*6707700900150").await;
    call.answered().await;
    let seen = carrier.sees(|call| call.outcome == Seen::Talking).await;
    assert!(seen.from.contains("anonymous.invalid"), "{}", seen.from);
    assert!(seen.p_asserted_identity[0].contains("+441632960100"));
    assert_eq!(seen.privacy.as_deref(), Some("id"));
    call.hang_up().await;
    let mut withheld = CallIn::new("+441632960100", town.way());
    withheld.from = Caller::Withheld;
    withheld.network_number = Some("+447700900123".to_owned());
    let mut outside = carrier.call(withheld).await.expect("a call");
    let inside = alice.rings().await;
    assert!(inside.caller().contains("Withheld"), "{}", inside.caller());
    assert!(!inside.caller().contains("900123"), "{}", inside.caller());
    inside.refuse(486);
    assert_eq!(outside.over().await.status, Some(486));
    town.office.server.settle().await;
}

#[tokio::test]
async fn s093_a_company_has_only_so_many_calls_with_the_outside_and_sees_what_was_skipped() {
    let (town, carrier) = Town::with_carrier().await;
    town.terms(1, false).await;
    let (alice, bob) = (town.office.phone(ALICE).await, town.office.phone(BOB).await);
    let mut first = alice.dial(ANSWERS).await;
    first.answered().await;
    assert_eq!(bob.dial(ANSWERS).await.refused().await, 503);
    let inbound = CallIn::new("+441632960100", town.way());
    assert_eq!(
        carrier.call(inbound).await.expect("a call").over().await.status,
        Some(503)
    );
    let mut rescue = bob.dial("999").await;
    rescue.answered().await;
    rescue.hang_up().await;
    first.hang_up().await;
    let history = town.office.api.history(4).await;
    let limited = history.iter().filter(|call| call.cause == HangupCause::LimitReached);
    assert_eq!(limited.count(), 2);
    let skipped = history
        .iter()
        .flat_map(|call| &call.legs)
        .filter(|leg| leg.cause == HangupCause::LimitReached);
    assert!(skipped.count() >= 1);
    town.office.server.settle().await;
    let mut again = bob.dial(ANSWERS).await;
    again.answered().await;
    again.hang_up().await;
    town.office.server.settle().await;
}

#[tokio::test]
async fn s236_999_and_112_go_out_whatever_else_is_forbidden() {
    let town = Town::build().await;
    let (dead, rescue) = (carrier().await, carrier().await);
    dead.set_condition(Condition::Down);
    town.gateway("Dead", &dead, &json!({"order": 1, "emergency": true}))
        .await;
    town.gateway(
        "Rescue",
        &rescue,
        &json!({"order": 2, "emergency": true, "outbound": false, "channels": 1}),
    )
    .await;
    town.terms(1, true).await;
    let alice = town.office.phone(ALICE).await;
    assert_eq!(alice.dial(ANSWERS).await.refused().await, 403);
    for number in ["999", "112", "18000"] {
        let mut call = alice.dial(number).await;
        call.answered().await;
        call.hears(f64::from(tone_hz(number))).await;
        call.hang_up().await;
    }
    let seen = rescue.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|call| call.from.contains("+441632960100")));
    let mut call = alice.dial("999").await;
    call.answered().await;
    call.hang_up().await;
    town.office.server.settle().await;
}

#[tokio::test]
async fn s236_999_goes_out_while_the_database_cannot_be_read_and_the_company_is_not_known() {
    let mut server = harness::TestServer::start_with_lasting_ports().await;
    let rescue = carrier().await;
    let users = &server.ready().users;
    let operator = users
        .iter()
        .find(|user| user.username == "demooperator")
        .expect("a demo user");
    let operator = server.sign_in_as(operator).await;
    let gateway = json!({"name": "Rescue", "host": "127.0.0.1", "port": rescue.udp().port(), "emergency": true});
    let _: Value = operator.ask(Method::POST, "/v1/platform/gateways", &gateway).await;
    let account = server.sip_account(ALICE, wigwag_sip_io::Transport::Udp);
    let alice = harness::Phone::register(&account, tone_of(ALICE)).await;
    server.restart().await;
    for file in std::fs::read_dir(server.data())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
    {
        if file.to_string_lossy().contains("wigwag.db") {
            let size = file.metadata().expect("a file").len() as usize;
            std::fs::write(&file, vec![0xa5; size]).expect("it can be broken");
        }
    }
    assert_eq!(alice.dial("202").await.refused().await, 503);
    let mut call = alice.dial("999").await;
    call.answered().await;
    call.hears(f64::from(tone_hz("999"))).await;
    call.hang_up().await;
    assert_eq!(rescue.seen().len(), 1);
}

#[tokio::test]
async fn s236_999_goes_out_when_all_ports_are_taken() {
    let mut config = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let (first, last) = free_range(64);
    writeln!(config, "[media]\nports = \"{first}-{last}\"").expect("it can be written");
    let path = config.path().to_str().expect("a temporary path is UTF-8");
    let office = Office::open_with(&["--config", path]).await;
    let rescue = carrier().await;
    let users = &office.server.ready().users;
    let operator = users
        .iter()
        .find(|user| user.username == "demooperator")
        .expect("a demo user");
    let operator = office.server.sign_in_as(operator).await;
    let gateway = json!({"name": "Rescue", "host": "127.0.0.1", "port": rescue.udp().port(), "emergency": true});
    let _: Value = operator.ask(Method::POST, "/v1/platform/gateways", &gateway).await;
    let alice = office.phone(ALICE).await;
    let mut echoes = Vec::new();
    for _ in 0..40 {
        echoes.push(alice.dial("*52").await);
    }
    let is_full = |figures: &harness::Figures| figures.of("wigwag_media_ports_exhausted_total") >= 1;
    office.server.figures_with("the ports are not taken", is_full).await;
    let mut call = alice.dial("999").await;
    call.answered().await;
    call.hears(f64::from(tone_hz("999"))).await;
    call.hang_up().await;
}

#[tokio::test]
async fn s233_a_short_number_of_the_country_is_dialled_with_44() {
    let (town, carrier) = Town::with_carrier().await;
    let alice = town.office.phone(ALICE).await;
    for (dialled, called) in [("44101", "101"), ("44111", "111"), ("44105", "105")] {
        let mut call = alice.dial(dialled).await;
        call.answered().await;
        call.hang_up().await;
        let seen = carrier.seen();
        assert_eq!(seen.last().map(|call| call.called.as_str()), Some(called));
    }
    town.office.server.settle().await;
}

#[tokio::test]
async fn a_carrier_that_wants_us_to_register_brings_calls_over_the_registration_and_asks_for_proof() {
    let town = Town::build().await;
    let config = Config {
        admission: Admission::Proof(Demand::ProxyAuthentication),
        accounts: vec![Account::new("wigwag", "a secret word")],
        ..Config::default()
    };
    let carrier = Simulator::start(config).await.expect("a carrier");
    let credentials = json!({"username": "wigwag", "password": "a secret word"});
    town.gateway(
        "Carrier",
        &carrier,
        &json!({"registers": true, "credentials": credentials}),
    )
    .await;
    carrier.registered("wigwag").await;
    let mut alice = town.office.phone(ALICE).await;
    let mut outgoing = alice.dial(ANSWERS).await;
    outgoing.answered().await;
    outgoing.hang_up().await;
    let mut call = CallIn::new("+441632960100", Way::Registration("wigwag".to_owned()));
    call.called_in = CalledIn::To;
    let mut outside = carrier.call(call).await.expect("a call");
    let mut inside = alice.rings().await;
    inside.answer().await;
    outside.answered().await.expect("an answer");
    inside.hang_up().await;
    outside.over().await;
    town.office.server.settle().await;
}

#[tokio::test]
async fn a_carrier_that_flaps_costs_no_call() {
    let town = Town::build().await;
    let (first, second) = (carrier().await, carrier().await);
    town.gateway("First", &first, &json!({"order": 1})).await;
    town.gateway("Second", &second, &json!({"order": 2})).await;
    first.set_condition(Condition::Flapping {
        up_ms: 300,
        down_ms: 300,
    });
    let alice = town.office.phone(ALICE).await;
    for _ in 0..3 {
        let mut call = alice.dial(ANSWERS).await;
        call.answered().await;
        call.hears(f64::from(tone_hz(ANSWERS))).await;
        call.hang_up().await;
    }
    first.set_condition(Condition::Up);
}

#[tokio::test]
async fn s057_s058_routing_rules_are_for_calls_from_the_outside_alone_and_s054_the_identifier_is_shown() {
    let (town, carrier) = Town::with_carrier().await;
    let when = json!({"kind": "yearly", "ranges": [{"from": "01-01", "to": "12-31"}]});
    let always = json!({"name": "Always", "when": when});
    let always: Value = town.office.api.ask(Method::POST, "/v1/intervals", &always).await;
    let rule = json!({"interval_id": always["id"], "destination": town.destination(BOB).await});
    let destination = town.destination(ALICE).await;
    let settings = json!({"revision": 1, "identifier": "Shop", "destination": destination, "routing_rules": [rule]});
    town.set(0, &settings).await;
    let (mut alice, mut bob) = (town.office.phone(ALICE).await, town.office.phone(BOB).await);
    let carol = town.office.phone(CAROL).await;
    let call = CallIn::new("+441632960100", town.way()).from("+447700900123");
    let mut outside = carrier.call(call).await.expect("a call");
    let inside = bob.rings().await;
    assert!(inside.caller().contains("Shop: 07700900123"), "{}", inside.caller());
    inside.refuse(486);
    assert_eq!(outside.over().await.status, Some(486));
    let mut internal = carol.dial("01632960100").await;
    alice.rings().await.refuse(486);
    assert_eq!(internal.refused().await, 486);
    assert!(
        carrier.seen().is_empty(),
        "an own number is reached without going outside"
    );
    town.office.server.settle().await;
}

#[tokio::test]
async fn s085_s111_a_virtual_extension_rings_outside_and_shows_who_calls() {
    let (town, carrier) = Town::with_carrier().await;
    let forward = KindRequest::Virtual {
        forward_to: ANSWERS.to_owned(),
        screening: false,
    };
    let change = ExtensionChange {
        kind: Some(forward),
        ..ExtensionChange::default()
    };
    let alice = town.office.extension_id(ALICE).await;
    for device in town.office.api.devices(alice).await {
        town.office.api.remove_device(device.id).await;
    }
    town.office.change(ALICE, change).await;
    let call = CallIn::new("+441632960100", town.way()).from("+447700900123");
    let mut outside = carrier.call(call).await.expect("a call");
    outside.answered().await.expect("an answer");
    let heard = outside.heard().await.expect("sound");
    assert!(heard.is(tone_hz(ANSWERS)), "{heard:?}");
    let seen = carrier.sees(|call| call.outcome == Seen::Talking).await;
    assert!(seen.diversion[0].contains("+441632960100"), "{:?}", seen.diversion);
    assert!(seen.history_info[0].contains("index=1.1"), "{:?}", seen.history_info);
    assert!(seen.p_asserted_identity[0].contains("+441632960100"));
    outside.hang_up().await;
    town.office.server.settle().await;
}
