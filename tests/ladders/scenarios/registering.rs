//! Phones that register: five of one extension, and the sixth only in the place of a dead one (A47).

use insta::assert_snapshot;

use crate::world::{Phone, World};

const PHONES: [(&str, &str); 7] = [
    ("ann", "201"),
    ("desk", "202"),
    ("cell", "202"),
    ("pad", "202"),
    ("soft", "202"),
    ("home", "202"),
    ("new", "202"),
];

/// Five phones are registered, and one more is not.
fn five() -> World {
    let mut world = World::new(&PHONES[..6]);
    world.add_phone("new", "202");
    world
}

#[test]
fn a_sixth_phone_is_refused_while_five_live() {
    let mut world = five();
    world.at("new", Phone::register);
    world.run_ms(5000);
    assert_eq!(world.at("new", |phone, _| phone.told.clone()), ["REGISTER 403"]);
    assert_snapshot!(world.story());
}

#[test]
fn a_sixth_phone_takes_the_place_of_one_that_is_off() {
    let mut world = five();
    world.kill("pad");
    world.at("new", Phone::register);
    world.run_ms(5000);
    assert_eq!(world.at("new", |phone, _| phone.told.clone()), ["REGISTER 200"]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("new", Phone::accept);
    world.run_ms(500);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_whose_registration_has_run_out_does_not_ring() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.run_undrawn(std::time::Duration::from_secs(3601));
    world.at("ann", Phone::register);
    world.run_ms(10);
    world.at("ann", |ann, now| ann.call("202", now));
    assert_snapshot!(world.story());
}
