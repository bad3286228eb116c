//! Confirmed provisional answers (RFC 3262): each leg for itself, whatever the other one can.

use insta::assert_snapshot;
use wigwag_sip::wire::StatusCode;

use crate::world::{Phone, World};

const PHONES: [(&str, &str); 2] = [("ann", "201"), ("bob", "202")];

fn insisting(who: &[&str]) -> World {
    let mut world = World::new(&PHONES);
    for name in who {
        world.at(name, |phone, _| phone.reliable = true);
    }
    world
}

#[test]
fn a_caller_who_insists_calls_a_phone_that_knows_nothing_of_it() {
    let mut world = insisting(&["ann"]);
    world.talk();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_that_insists_is_called_by_one_that_knows_nothing_of_it() {
    let mut world = insisting(&["bob"]);
    world.talk();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn early_media_passes_where_both_insist() {
    let mut world = insisting(&["ann", "bob"]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", |bob, now| bob.progress(StatusCode::SESSION_PROGRESS, true, now));
    world.run_ms(990);
    world.assert_talking();
    world.at("bob", Phone::accept);
    world.run_ms(1000);
    world.assert_talking();
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_caller_who_was_told_one_codec_early_learns_the_other_of_who_answers() {
    let mut world = insisting(&["ann"]);
    world.at("bob", |bob, _| bob.voice.codecs = vec![(8, "PCMA/8000")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", |bob, now| bob.progress(StatusCode::SESSION_PROGRESS, true, now));
    world.run_ms(990);
    world.assert_talking();
    world.note("another phone of the same extension comes in");
    world.add_phone("desk", "202");
    world.at("desk", |desk, _| desk.voice.codecs = vec![(0, "PCMU/8000")]);
    world.at("desk", Phone::register);
    world.run_ms(100);
    world.at("desk", Phone::accept);
    world.run_ms(2000);
    assert_eq!(world.heard(0, 2), (true, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_caller_who_insists_and_offers_nothing_hears_nothing_before_the_answer() {
    let mut world = insisting(&["ann"]);
    world.at("ann", |ann, now| ann.dial("202", None, now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(990);
    world.at("bob", Phone::accept);
    world.run_ms(1000);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_caller_who_has_vanished_is_told_again_until_nobody_answers() {
    let mut world = insisting(&["ann"]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.kill("ann");
    world.at("bob", Phone::ring);
    world.run_ms(50_000);
    assert_snapshot!(world.story());
}
