//! How answered calls end.

use insta::assert_snapshot;

use crate::world::{Phone, World};

fn talking() -> World {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk_undrawn();
    world
}

#[test]
fn the_called_hangs_up() {
    let mut world = talking();
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn both_hang_up_at_once() {
    let mut world = talking();
    world.at("ann", Phone::hang_up);
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_hangs_up_while_we_hang_up_on_it() {
    let mut world = talking();
    world.at("ann", Phone::hang_up);
    world.run_ms(1);
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn the_server_shuts_down_during_a_call() {
    let mut world = talking();
    world.shut_down();
    assert_snapshot!(world.story());
}

#[test]
fn the_server_shuts_down_while_it_rings() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(10);
    world.shut_down();
    assert_snapshot!(world.story());
}

#[test]
fn the_caller_never_acknowledges_the_answer() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(10);
    world.kill("ann");
    world.at("bob", Phone::accept);
    world.run_ms(40_000);
    assert_snapshot!(world.story());
}
