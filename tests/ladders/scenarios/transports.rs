//! Phones on connections: encryption, and connections that break.

use insta::assert_snapshot;
use wigwag_sip::sdp::Direction;

use crate::world::{Phone, World};

const PHONES: [(&str, &str); 2] = [("ann", "201"), ("bob", "202")];

#[test]
fn a_phone_on_tls_is_offered_encrypted_sound() {
    let mut world = World::with_tls(&PHONES, &["bob"]);
    world.at("bob", |bob, _| bob.voice.can_encrypt = true);
    world.talk();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_on_tls_that_cannot_encrypt_is_asked_again_without() {
    let mut world = World::with_tls(&PHONES, &["bob"]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::accept);
    world.run_ms(100);
    world.at("bob", Phone::ring);
    world.run_ms(1000);
    world.at("bob", Phone::accept);
    world.run_ms(1000);
    assert_eq!(world.heard(0, 2), (true, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_held_call_stays_encrypted() {
    let mut world = World::with_tls(&PHONES, &["bob"]);
    world.at("bob", |bob, _| bob.voice.can_encrypt = true);
    world.talk_undrawn();
    world.at("ann", |ann, now| ann.turn(Direction::SendOnly, now));
    world.run_ms(1000);
    world.at("ann", |ann, now| ann.turn(Direction::SendRecv, now));
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_call_follows_its_phone_to_a_new_connection() {
    let mut world = World::with_tls(&PHONES, &["bob"]);
    world.at("bob", |bob, _| bob.voice.can_encrypt = true);
    world.talk_undrawn();
    world.disconnect("bob");
    world.run_ms(500);
    world.at("bob", Phone::register);
    world.run_ms(500);
    world.note("the caller holds");
    world.at("ann", |ann, now| ann.turn(Direction::SendOnly, now));
    world.run_ms(500);
    world.note("the called hangs up");
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_caller_follows_to_a_new_connection_too() {
    let mut world = World::with_tls(&PHONES, &["ann"]);
    world.at("ann", |ann, _| ann.voice.can_encrypt = true);
    world.talk_undrawn();
    world.disconnect("ann");
    world.run_ms(500);
    world.at("ann", Phone::register);
    world.run_ms(500);
    world.note("the called hangs up");
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_connection_that_breaks_while_it_rings_and_comes_back_rings_on() {
    let mut world = World::with_tls(&PHONES, &["bob"]);
    world.at("bob", |bob, _| bob.voice.can_encrypt = true);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(990);
    world.disconnect("bob");
    world.run_ms(10);
    world.at("bob", Phone::register);
    world.run_ms(990);
    world.at("bob", Phone::accept);
    world.run_ms(1000);
    assert_eq!(world.heard(0, 2), (true, true));
    world.at("ann", Phone::hang_up);
    world.at("bob", Phone::end_all);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_without_its_connection_is_not_waited_for_at_the_end() {
    let mut world = World::with_tls(&PHONES, &["bob"]);
    world.at("bob", |bob, _| bob.voice.can_encrypt = true);
    world.talk_undrawn();
    world.disconnect("bob");
    world.run_ms(500);
    world.at("ann", Phone::hang_up);
    world.run_ms(10);
    assert_eq!(world.exchange.records.len(), 1, "the call is in the history");
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn somebody_without_connection_can_be_held_and_learns_of_it_on_coming_back() {
    let mut world = World::with_tls(&PHONES, &["bob"]);
    world.at("bob", |bob, _| bob.voice.can_encrypt = true);
    world.talk_undrawn();
    world.disconnect("bob");
    world.run_ms(500);
    world.at("ann", |ann, now| ann.turn(Direction::SendOnly, now));
    world.run_ms(1000);
    world.note("the connection is back");
    world.at("bob", Phone::register);
    world.run_ms(500);
    assert_eq!(world.heard(0, 1), (false, true));
    world.at("ann", |ann, now| ann.turn(Direction::SendRecv, now));
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_connection_that_breaks_for_good_while_it_rings_rings_out() {
    let mut world = World::with_tls(&PHONES, &["bob"]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(990);
    world.disconnect("bob");
    world.run_ms(40_000);
    world.at("bob", Phone::end_all);
    assert_snapshot!(world.story());
}
