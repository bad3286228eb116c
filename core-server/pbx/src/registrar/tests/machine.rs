//! Each row of the registrar's table, and what happens without a REGISTER.

use std::time::Duration;

use super::stage::{Phone, Stage};
use crate::registrar::{Binding, Input};

fn five() -> Vec<Phone> {
    let names = ["desk", "mobile", "laptop", "tablet", "kitchen"];
    (1..)
        .zip(names)
        .map(|(number, name)| Phone::new(name, number))
        .collect()
}

#[test]
fn a_phone_registers_refreshes_and_leaves() {
    let (mut stage, mut desk) = (Stage::new(), Phone::new("desk", 1));
    assert_eq!(stage.register(&mut desk, 3600), ["new desk", "200 desk:3600"]);
    assert!(stage.run(1000).is_empty());
    assert_eq!(stage.register(&mut desk, 3600), ["again desk", "200 desk:3600"]);
    assert_eq!(stage.register(&mut desk, 0), ["gone desk", "200"]);
    assert!(stage.is_idle());
}

#[test]
fn asking_changes_nothing_and_shows_the_own_bindings_only() {
    let (mut desk, mut mobile) = (Phone::new("desk", 1), Phone::new("mobile", 2));
    let mut stage = Stage::with(&mut [mobile.clone()]);
    stage.register(&mut desk, 3600);
    stage.run(600);
    assert_eq!(stage.take(desk.registration(&[], None)), ["200 desk:3000"]);
    assert_eq!(stage.take(mobile.registration(&[], None)), ["200 mobile:3000"]);
}

#[test]
fn a_star_removes_what_the_device_has_bound_and_nobody_else() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    assert_eq!(
        stage.take(phones[1].registration(&["*".into()], Some(0))),
        ["gone mobile", "200"]
    );
    assert_eq!(stage.names(), ["desk", "laptop", "tablet", "kitchen"]);
}

#[test]
fn a_binding_ends_when_it_is_not_refreshed() {
    let mut stage = Stage::with(&mut [Phone::new("desk", 1)]);
    assert!(stage.run(3599).is_empty());
    assert_eq!(stage.run(1), ["gone desk"]);
    assert!(stage.is_idle());
}

#[test]
fn an_older_register_that_was_overtaken_is_refused() {
    let mut desk = Phone::new("desk", 1);
    let mut stage = Stage::with(std::slice::from_mut(&mut desk));
    let (contact, nothing) = (desk.contact(3600), desk.contact(0));
    assert_eq!(
        stage.take(desk.registration_again(&[contact], None)),
        ["500 Out Of Order"]
    );
    assert_eq!(
        stage.take(desk.registration_again(&[nothing], None)),
        ["500 Out Of Order"]
    );
    assert_eq!(stage.names(), ["desk"]);
}

#[test]
fn an_older_star_that_was_overtaken_does_not_sign_the_phone_off() {
    let mut desk = Phone::new("desk", 1);
    let mut stage = Stage::with(std::slice::from_mut(&mut desk));
    assert_eq!(
        stage.take(desk.registration_again(&["*".into()], Some(0))),
        ["500 Out Of Order"]
    );
    assert_eq!(stage.names(), ["desk"]);
}

#[test]
fn a_phone_that_restarts_with_a_new_call_id_replaces_itself() {
    let mut desk = Phone::new("desk", 1);
    let mut stage = Stage::with(std::slice::from_mut(&mut desk));
    let mut registration = desk.registration(&[desk.contact(3600)], None);
    registration.call_id = wigwag_sip::wire::header::CallId::new("after-power-on").expect("a word");
    registration.cseq = 1;
    assert_eq!(stage.take(registration), ["again desk", "200 desk:3600"]);
}

#[test]
fn a_sixth_phone_is_refused_when_all_five_live() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    let probes: Vec<String> = phones.iter().map(|phone| format!("probe {}", phone.name)).collect();
    assert_eq!(stage.register(&mut Phone::new("sixth", 6), 3600), probes);
    for phone in &phones[..4] {
        assert!(stage.probed(phone, true).is_empty());
    }
    assert_eq!(stage.probed(&phones[4], true), ["403 Five Devices Connected Already"]);
    assert_eq!(stage.names().len(), 5);
    assert!(stage.run(10).is_empty());
}

#[test]
fn a_sixth_phone_takes_the_place_of_a_dead_one() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    stage.register(&mut Phone::new("sixth", 6), 3600);
    assert!(stage.probed(&phones[0], true).is_empty());
    assert_eq!(
        stage.probed(&phones[2], false),
        ["gone laptop", "new sixth", "200 sixth:3600"]
    );
    // The rest of the probe does not matter any more.
    assert!(stage.probed(&phones[1], false).is_empty());
    assert!(stage.run(10).is_empty());
    assert_eq!(stage.names(), ["desk", "mobile", "tablet", "kitchen", "sixth"]);
}

#[test]
fn a_sixth_phone_takes_the_place_of_silent_ones_after_four_seconds() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    stage.register(&mut Phone::new("sixth", 6), 3600);
    phones[..3]
        .iter()
        .for_each(|phone| assert!(stage.probed(phone, true).is_empty()));
    assert!(stage.run(3).is_empty());
    assert_eq!(
        stage.run(1),
        ["gone tablet", "gone kitchen", "new sixth", "200 sixth:3600"]
    );
}

#[test]
fn two_phones_that_wait_take_the_places_of_two_dead_ones() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    stage.register(&mut Phone::new("sixth", 6), 3600);
    assert!(stage.register(&mut Phone::new("seventh", 7), 3600).is_empty());
    assert_eq!(
        stage.probed(&phones[0], false),
        ["gone desk", "new sixth", "200 sixth:3600"]
    );
    assert_eq!(
        stage.probed(&phones[1], false),
        ["gone mobile", "new seventh", "200 seventh:3600"]
    );
}

#[test]
fn a_phone_that_registers_over_a_new_connection_is_not_taken_for_dead() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    stage.register(&mut Phone::new("sixth", 6), 3600);
    phones[0].connection = 100;
    assert_eq!(stage.register(&mut phones[0], 3600), ["again desk", "200 desk:3600"]);
    // The probe over its old connection fails.
    assert!(stage.probed(&phones[0], false).is_empty());
    phones[1..].iter().for_each(|phone| drop(stage.probed(phone, true)));
    assert_eq!(stage.names(), ["desk", "mobile", "laptop", "tablet", "kitchen"]);
}

#[test]
fn a_phone_that_signs_off_during_a_probe_makes_room_at_once() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    stage.register(&mut Phone::new("sixth", 6), 3600);
    let freed = stage.register(&mut phones[3], 0);
    assert_eq!(freed, ["gone tablet", "200", "new sixth", "200 sixth:3600"]);
}

#[test]
fn a_crowd_that_waits_for_a_probe_is_bounded() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for (number, name) in (10..).zip(names) {
        stage.register(&mut Phone::new(name, number), 3600);
    }
    let refused = stage.register(&mut Phone::new("i", 30), 3600);
    assert_eq!(refused, ["403 Five Devices Connected Already"]);
}

#[test]
fn a_register_may_exchange_one_contact_for_another_when_all_places_are_taken() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    let (old, new) = (phones[0].contact(0), Phone::new("newdesk", 1).contact(600));
    let outputs = stage.take(phones[0].registration(&[old, new], None));
    assert_eq!(outputs.first().map(String::as_str), Some("gone desk"));
    assert_eq!(stage.names().len(), 5);
}

#[test]
fn a_connection_that_ends_takes_what_was_bound_over_it() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    let flow = phones[2].reach().flow;
    assert_eq!(stage.put(Input::FlowClosed(flow)), ["gone laptop"]);
    assert!(stage.put(Input::FlowClosed(flow)).is_empty());
}

#[test]
fn signing_a_device_out_ends_its_bindings_only() {
    let mut phones = five();
    let mut stage = Stage::with(&mut phones);
    assert_eq!(stage.put(Input::SignedOut(phones[4].device)), ["gone kitchen"]);
    assert_eq!(stage.names(), ["desk", "mobile", "laptop", "tablet"]);
}

#[test]
fn bindings_survive_a_restart_unless_they_have_expired() {
    let mut phones = five();
    let before = Stage::with(&mut phones);
    let mut bindings: Vec<Binding> = before.bindings().iter().map(|it| Binding::clone(it)).collect();
    let mut after = Stage::new();
    after.run(60);
    bindings[1].expires = after.now().tick;
    assert!(after.put(Input::Restored(bindings)).is_empty());
    assert_eq!(after.names(), ["desk", "laptop", "tablet", "kitchen"]);
    assert_eq!(after.run(3600).len(), 4);
}

#[test]
fn a_phone_that_registers_before_the_restored_bindings_arrive_is_bound_once() {
    let mut phones = five();
    let before = Stage::with(&mut phones);
    let restored = before.bindings().iter().map(|it| Binding::clone(it)).collect();
    let (mut sixth, mut after) = (Phone::new("sixth", 6), Stage::new());
    after.register(&mut phones[0], 3600);
    after.register(&mut sixth, 3600);
    after.put(Input::Restored(restored));
    assert_eq!(after.names(), ["desk", "sixth", "mobile", "laptop", "tablet"]);
    assert_eq!(
        after.bindings()[0].expires,
        after.now().tick + Duration::from_secs(3600)
    );
}
