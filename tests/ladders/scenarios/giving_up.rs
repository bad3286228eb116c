//! Callers who hang up before anybody has answered.

use insta::assert_snapshot;

use crate::world::{Phone, World};

#[test]
fn the_caller_hangs_up_before_it_rings() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(2);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn the_caller_hangs_up_while_it_rings() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(3000);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn an_answer_crosses_the_cancel_on_the_callers_side() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(990);
    world.at("bob", Phone::accept);
    world.run_ms(1);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn an_answer_crosses_the_cancel_on_the_phones_side() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(990);
    world.at("ann", Phone::hang_up);
    world.run_ms(1);
    world.at("bob", Phone::accept);
    assert_snapshot!(world.story());
}

#[test]
fn the_caller_vanishes_while_it_rings() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.kill("ann");
    world.run_ms(5000);
    world.at("bob", Phone::accept);
    world.run_ms(40_000);
    assert_snapshot!(world.story());
}
