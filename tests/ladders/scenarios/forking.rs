//! A phone that passes calls on to several of its own: one INVITE, several To tags.

use insta::assert_snapshot;
use wigwag_sip::wire::StatusCode;

use crate::world::{Phone, World};

fn ringing() -> World {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("bob", |bob, _| bob.forks = true);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", |bob, now| bob.fork("kitchen", StatusCode::RINGING, false, now));
    world.at("bob", |bob, now| bob.fork("garage", StatusCode::RINGING, false, now));
    world.run_ms(990);
    world
}

#[test]
fn one_of_the_phones_behind_a_phone_answers() {
    let mut world = ringing();
    world.at("bob", |bob, now| bob.fork("garage", StatusCode::OK, true, now));
    world.run_ms(500);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn two_of_the_phones_behind_a_phone_answer() {
    let mut world = ringing();
    world.at("bob", |bob, now| bob.fork("garage", StatusCode::OK, true, now));
    world.at("bob", |bob, now| bob.fork("kitchen", StatusCode::OK, true, now));
    world.run_ms(500);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn early_sound_of_one_and_the_answer_of_another() {
    let mut world = ringing();
    world.at("bob", |bob, now| {
        bob.fork("kitchen", StatusCode::SESSION_PROGRESS, true, now)
    });
    world.run_ms(500);
    world.at("bob", |bob, _| {
        bob.voice.address.set_port(5000);
        bob.voice.codecs.remove(0);
    });
    world.at("bob", |bob, now| bob.fork("garage", StatusCode::OK, true, now));
    world.run_ms(500);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}
