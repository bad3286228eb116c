//! Parking: one side waits at a place until somebody fetches it, or whoever parked it is rung.

use std::time::Duration;

use insta::assert_snapshot;

use crate::world::{Phone, World};

const PHONES: [(&str, &str); 4] = [("ann", "201"), ("bob", "202"), ("cy", "203"), ("dee", "204")];

/// Bob has parked ann at the first place.
fn parked() -> World {
    let mut world = World::new(&PHONES);
    world.talk_undrawn();
    world.at("bob", |bob, now| bob.refer("*85", now));
    world.run_ms(500);
    world
}

#[test]
fn who_is_parked_is_fetched_elsewhere() {
    let mut world = parked();
    world.at("dee", |dee, now| dee.call("*851", now));
    world.run_ms(500);
    assert_eq!(world.heard_in(1, 0, 2), (true, true));
    world.at("dee", Phone::hang_up);
    assert_eq!(world.records().len(), 1);
    assert_snapshot!(world.story());
}

#[test]
fn whoever_parked_is_rung_after_two_minutes() {
    let mut world = parked();
    world.run_undrawn(Duration::from_secs(120));
    world.at("bob", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard_in(1, 0, 2), (true, true));
    world.at("ann", Phone::hang_up);
    assert_eq!(world.records().len(), 1);
    assert_snapshot!(world.story());
}

#[test]
fn who_is_parked_and_wanted_by_nobody_is_told_so() {
    let mut world = parked();
    world.run_undrawn(Duration::from_secs(200));
    assert_eq!(world.records().len(), 1);
    assert_snapshot!(world.story());
}

#[test]
fn who_is_parked_hangs_up() {
    let mut world = parked();
    world.at("ann", Phone::hang_up);
    world.run_ms(500);
    world.at("dee", |dee, now| dee.call("*851", now));
    world.run_ms(500);
    assert_eq!(world.records().len(), 2);
}

#[test]
fn who_asks_for_a_place_first_hears_it_and_sends_the_caller_there() {
    let mut world = World::new(&PHONES);
    world.talk_undrawn();
    world.at("bob", |bob, now| bob.call("*85", now));
    world.run_ms(500);
    world.at("bob", |bob, now| bob.refer_to_line(0, 1, now));
    world.run_ms(500);
    world.at("dee", |dee, now| dee.call("*851", now));
    world.run_ms(500);
    assert_eq!(world.heard_in(2, 1, 2), (true, true));
    world.at("ann", Phone::hang_up);
    assert_eq!(world.records().len(), 1);
    assert_snapshot!(world.story());
}
