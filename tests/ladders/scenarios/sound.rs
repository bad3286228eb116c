//! What silence means.

use std::time::Duration;

use insta::assert_snapshot;
use wigwag_pbx::call::Observed;
use wigwag_sip::sdp::Direction;

use crate::world::{Phone, World};

fn talking() -> World {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk_undrawn();
    world
}

fn silence(world: &mut World, leg: u16, seconds: u64) {
    world.observe(leg, Observed::Silent(Duration::from_secs(seconds)));
}

#[test]
fn a_silent_phone_that_answers_its_probe_stays() {
    let mut world = talking();
    silence(&mut world, 1, 10);
    world.run_ms(1000);
    world.observe(1, Observed::Heard);
    world.run_ms(1000);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_silent_phone_that_is_gone_ends_the_call() {
    let mut world = talking();
    world.kill("bob");
    silence(&mut world, 1, 10);
    world.run_ms(40_000);
    assert_snapshot!(world.story());
}

#[test]
fn a_minute_of_silence_both_ways_ends_the_call() {
    let mut world = talking();
    for seconds in [10, 20, 30, 40, 50, 60] {
        world.run_ms(10_000);
        silence(&mut world, 0, seconds);
        silence(&mut world, 1, seconds);
    }
    assert_snapshot!(world.story());
}

#[test]
fn one_silent_side_is_no_reason_to_end() {
    let mut world = talking();
    (1..=30).for_each(|tens| silence(&mut world, 0, tens * 10));
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn silence_on_hold_ends_nothing() {
    let mut world = talking();
    world.at("ann", |ann, now| ann.turn(Direction::Inactive, now));
    world.run_ms(1000);
    for tens in 1..=30 {
        silence(&mut world, 0, tens * 10);
        silence(&mut world, 1, tens * 10);
    }
    world.run_ms(1000);
    assert_eq!(world.exchange.running_calls(), 1);
    world.at("ann", |ann, now| ann.turn(Direction::SendRecv, now));
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn silence_of_the_time_on_hold_does_not_count_after_resuming() {
    let mut world = talking();
    world.at("ann", |ann, now| ann.turn(Direction::Inactive, now));
    world.run_ms(1000);
    silence(&mut world, 0, 70);
    silence(&mut world, 1, 70);
    world.at("ann", |ann, now| ann.turn(Direction::SendRecv, now));
    world.run_ms(1000);
    silence(&mut world, 0, 10);
    world.run_ms(1000);
    assert_eq!(world.exchange.running_calls(), 1);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}
