//! One extension with several phones.

use insta::assert_snapshot;
use wigwag_sip::wire::StatusCode;

use crate::world::{Phone, World};

const BOBS: [(&str, &str); 3] = [("ann", "201"), ("bob", "202"), ("desk", "202")];

fn ringing() -> World {
    let mut world = World::new(&BOBS);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.at("desk", Phone::ring);
    world.run_ms(990);
    world
}

#[test]
fn the_first_phone_to_answer_wins_and_the_other_shows_no_missed_call() {
    let mut world = ringing();
    world.at("desk", Phone::accept);
    world.run_ms(1000);
    assert_eq!(world.heard(0, 2), (true, true));
    assert!(
        world
            .at("bob", |bob, _| bob.told.join("\n"))
            .contains("Call completed elsewhere")
    );
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn two_phones_answer_at_once() {
    let mut world = ringing();
    world.at("bob", Phone::accept);
    world.at("desk", Phone::accept);
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn one_phone_is_busy_and_the_other_answers() {
    let mut world = ringing();
    world.at("bob", |bob, now| bob.reject(StatusCode::BUSY_HERE, now));
    world.run_ms(100);
    world.at("desk", Phone::accept);
    world.run_ms(1000);
    world.at("desk", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn one_phone_declines_and_all_stop_ringing() {
    let mut world = ringing();
    world.at("bob", |bob, now| bob.reject(StatusCode::DECLINE, now));
    assert_snapshot!(world.story());
}

#[test]
fn with_several_phones_the_caller_hears_only_that_it_rings() {
    let mut world = World::new(&BOBS);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", |bob, now| bob.progress(StatusCode::SESSION_PROGRESS, true, now));
    world.at("desk", Phone::ring);
    world.run_ms(500);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_that_registers_while_it_rings_joins() {
    let mut world = World::new(&BOBS);
    world.at("desk", |desk, now| desk.register_for(0, now));
    world.run_undrawn(std::time::Duration::from_secs(40));
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(2000);
    world.at("desk", Phone::register);
    world.run_ms(100);
    world.at("desk", Phone::ring);
    world.run_ms(500);
    world.at("desk", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard(0, 2), (true, true));
    world.at("desk", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_that_registers_again_while_it_rings_does_not_ring_twice() {
    let mut world = ringing();
    world.at("bob", Phone::register);
    world.run_ms(500);
    world.at("bob", Phone::accept);
    world.run_ms(500);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_that_has_refused_and_registers_again_is_left_alone() {
    let mut world = ringing();
    world.at("bob", |bob, now| bob.reject(StatusCode::BUSY_HERE, now));
    world.run_ms(500);
    world.at("bob", Phone::register);
    world.run_ms(500);
    world.at("desk", Phone::accept);
    world.run_ms(500);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_colleague_calls_the_own_extension_from_one_phone_to_the_other() {
    let mut world = World::new(&[("bob", "202"), ("desk", "202")]);
    world.at("bob", |bob, now| bob.call("202", now));
    world.run_ms(10);
    world.at("desk", Phone::accept);
    world.run_ms(500);
    world.assert_talking();
    world.at("desk", Phone::hang_up);
    assert_snapshot!(world.story());
}
