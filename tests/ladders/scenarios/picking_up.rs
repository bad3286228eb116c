//! A call that rings elsewhere is answered by a star code or from a lamp (S223–S225, A08).

use insta::assert_snapshot;
use wigwag_pbx::presence::PickUp;
use wigwag_sip::wire::header::{CallId, Replaces};

use crate::world::{Phone, World};

const PHONES: [(&str, &str); 4] = [("ann", "201"), ("bob", "202"), ("cy", "203"), ("dee", "204")];

/// Ann calls bob, whose phone rings.
fn ringing() -> World {
    let mut world = World::new(&PHONES);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(100);
    world.at("bob", Phone::ring);
    world.run_ms(100);
    world
}

#[test]
fn whoever_rings_is_picked_up() {
    let mut world = ringing();
    world.at("dee", |dee, now| dee.call("*21", now));
    world.run_ms(500);
    assert_eq!(world.heard_in(1, 0, 2), (true, true));
    world.at("ann", Phone::hang_up);
    assert_eq!(world.records().len(), 1);
    assert_snapshot!(world.story());
}

#[test]
fn an_extension_is_picked_up_by_its_number_or_its_username() {
    for code in ["**202", "**202000"] {
        let mut world = ringing();
        world.at("dee", |dee, now| dee.call(code, now));
        world.run_ms(500);
        assert_eq!(world.heard_in(1, 0, 2), (true, true), "{code}");
        world.at("dee", Phone::hang_up);
        assert_eq!(world.records().len(), 1);
    }
}

#[test]
fn who_picks_up_what_does_not_ring_hears_so() {
    let mut world = ringing();
    world.at("dee", |dee, now| dee.call("**203", now));
    world.run_ms(500);
    world.at("bob", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard_in(1, 0, 1), (true, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn of_two_that_ring_the_first_is_picked_up() {
    let mut world = ringing();
    world.at("cy", |cy, now| cy.call("204", now));
    world.run_ms(100);
    world.at("dee", Phone::ring);
    world.run_ms(100);
    world.at("dee", |dee, now| dee.call("*21", now));
    world.run_ms(500);
    assert_eq!(world.heard_in(1, 0, 2), (true, true));
    world.at("ann", Phone::hang_up);
    world.at("cy", Phone::hang_up);
    assert_eq!(world.records().len(), 2);
}

#[test]
fn who_presses_the_lamp_of_somebody_who_rings_has_the_call() {
    let mut world = ringing();
    let names = PickUp {
        call_id: world.exchange.call_id(1),
        extension_id: world.exchange.office.device("bob").0,
    }
    .names();
    let call_id = CallId::new(&names.call_id).unwrap();
    let replaces = Replaces::new(call_id, &names.local_tag, &names.remote_tag);
    world.at("dee", |dee, now| dee.call_replacing(&replaces, now));
    world.run_ms(500);
    assert_eq!(world.heard_in(1, 0, 2), (true, true));
    world.at("ann", Phone::hang_up);
    assert_eq!(world.records().len(), 1);
}

#[test]
fn whoever_loses_power_while_a_call_is_picked_up_nothing_is_left() {
    for who in ["ann", "bob", "dee"] {
        for after_ms in 0..12 {
            let mut world = ringing();
            for ms in 0..12 {
                if ms == after_ms {
                    world.kill(who);
                }
                if ms == 2 {
                    world.at("dee", |dee, now| dee.call("*21", now));
                }
                world.run_ms(1);
            }
            world.run_ms(500);
            world.at("dee", Phone::end_all);
            world.at("ann", Phone::end_all);
            world.at("bob", Phone::end_all);
            assert!(world.records().len() <= 2, "{who} after {after_ms}");
        }
    }
}
