//! What is pressed in a call: sending on, asking first, going back, all three (A01–A03).

use std::time::Duration;

use insta::assert_snapshot;
use wigwag_pbx::call::Observed;
use wigwag_sip::wire::StatusCode;

use crate::world::{Phone, World};

const PHONES: [(&str, &str); 3] = [("ann", "201"), ("bob", "202"), ("cy", "203")];
const ANN: u16 = 0;
const BOB: u16 = 1;
const CY: u16 = 2;

fn talking() -> World {
    let mut world = World::new(&PHONES);
    world.talk_undrawn();
    world
}

/// Bob presses keys, one every 100 ms, and waits until they count.
fn bob_presses(world: &mut World, keys: &str) {
    for key in keys.chars() {
        world.observe(BOB, Observed::Pressed(key));
        world.run_ms(100);
    }
    world.run_ms(2000);
}

#[test]
fn s199_two_stars_and_a_number_send_the_caller_on() {
    let mut world = talking();
    bob_presses(&mut world, "**203");
    world.at("cy", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard(ANN, CY), (true, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn who_is_sent_on_by_keys_to_nobody_comes_back_by_ringing() {
    let mut world = talking();
    bob_presses(&mut world, "**203");
    world.at("cy", |cy, now| cy.reject(StatusCode::BUSY_HERE, now));
    world.run_ms(500);
    world.at("bob", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard(ANN, 3), (true, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn s200_who_asks_first_hangs_up_and_the_two_others_talk() {
    let mut world = talking();
    bob_presses(&mut world, "##203");
    world.at("cy", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard(BOB, CY), (true, true));
    assert_eq!(world.heard(ANN, BOB), (false, false));
    world.at("bob", Phone::hang_up);
    world.run_ms(500);
    assert_eq!(world.heard(ANN, CY), (true, true));
    world.at("cy", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn s201_star_zero_goes_back_to_the_caller() {
    let mut world = talking();
    bob_presses(&mut world, "##203");
    world.at("cy", Phone::accept);
    world.run_ms(500);
    bob_presses(&mut world, "*0");
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn star_zero_stops_the_ringing() {
    let mut world = talking();
    bob_presses(&mut world, "##203");
    world.at("cy", Phone::ring);
    world.run_ms(500);
    bob_presses(&mut world, "*0");
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn who_hangs_up_while_it_rings_has_sent_the_caller_on() {
    let mut world = talking();
    bob_presses(&mut world, "##203");
    world.at("cy", Phone::ring);
    world.run_ms(500);
    world.at("bob", Phone::hang_up);
    world.run_ms(500);
    world.at("cy", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard(ANN, CY), (true, true));
    world.at("cy", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn who_hangs_up_while_it_rings_is_rung_when_nobody_answers() {
    let mut world = talking();
    bob_presses(&mut world, "##203");
    world.at("cy", Phone::ring);
    world.run_ms(500);
    world.at("bob", Phone::hang_up);
    world.run_undrawn(Duration::from_secs(30));
    world.run_ms(1000);
    world.at("bob", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard(ANN, 3), (true, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn who_is_busy_is_told_so_and_the_caller_is_back() {
    let mut world = talking();
    bob_presses(&mut world, "##203");
    world.at("cy", |cy, now| cy.reject(StatusCode::BUSY_HERE, now));
    world.run_ms(6000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn the_caller_hangs_up_while_the_others_talk() {
    let mut world = talking();
    bob_presses(&mut world, "##203");
    world.at("cy", Phone::accept);
    world.run_ms(500);
    world.at("ann", Phone::hang_up);
    world.run_ms(500);
    assert_eq!(world.heard(BOB, CY), (true, true));
    world.at("cy", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn star_three_makes_it_a_call_of_three_and_any_of_them_may_leave() {
    for (leaves, left) in [("bob", (ANN, CY)), ("ann", (BOB, CY)), ("cy", (ANN, BOB))] {
        let mut world = talking();
        bob_presses(&mut world, "##203");
        world.at("cy", Phone::accept);
        world.run_ms(500);
        bob_presses(&mut world, "*3");
        world.at(leaves, Phone::hang_up);
        world.run_ms(500);
        assert_eq!(world.heard(left.0, left.1), (true, true), "without {leaves}");
        let other = if leaves == "ann" { "bob" } else { "ann" };
        world.at(other, Phone::hang_up);
        world.story();
    }
}

/// Whoever leaves whenever: nobody is left alone in a call, and everything ends.
#[test]
fn whoever_leaves_at_any_moment_the_call_goes_on_or_ends() {
    for leaves in ["ann", "bob", "cy"] {
        for after_ms in (0..4000).step_by(250) {
            let mut world = talking();
            for key in "##203".chars() {
                world.observe(BOB, Observed::Pressed(key));
            }
            world.run_ms(after_ms);
            world.at("cy", Phone::try_accept);
            world.at(leaves, Phone::end_all);
            world.run_ms(1000);
            for phone in ["ann", "bob", "cy"] {
                world.at(phone, Phone::end_all);
            }
            world.story();
        }
    }
}
