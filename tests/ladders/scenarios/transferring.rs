//! Blind transfer by REFER: whoever is sent on is never lost.

use std::time::Duration;

use insta::assert_snapshot;
use wigwag_sip::{sdp::Direction, wire::StatusCode};

use crate::world::{Phone, World};

const PHONES: [(&str, &str); 3] = [("ann", "201"), ("bob", "202"), ("cy", "203")];

fn talking() -> World {
    let mut world = World::new(&PHONES);
    world.talk_undrawn();
    world
}

#[test]
fn the_called_sends_the_caller_on() {
    let mut world = talking();
    world.at("bob", |bob, now| bob.refer("203", now));
    world.run_ms(500);
    world.at("cy", Phone::ring);
    world.run_ms(500);
    world.at("cy", Phone::accept);
    world.run_ms(500);
    world.at("bob", Phone::hang_up);
    world.run_ms(500);
    assert_eq!(world.heard(0, 2), (true, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn the_caller_sends_the_called_on() {
    let mut world = talking();
    world.at("ann", |ann, now| ann.refer("203", now));
    world.run_ms(500);
    world.at("cy", Phone::accept);
    world.run_ms(500);
    world.at("ann", Phone::hang_up);
    world.run_ms(500);
    assert_eq!(world.heard(1, 2), (true, true));
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn who_was_on_hold_is_heard_again_after_being_sent_on() {
    let mut world = talking();
    world.at("bob", |bob, now| bob.turn(Direction::SendOnly, now));
    world.run_ms(500);
    world.at("bob", |bob, now| bob.refer("203", now));
    world.run_ms(500);
    world.at("cy", Phone::accept);
    world.run_ms(500);
    world.at("bob", Phone::hang_up);
    world.run_ms(500);
    assert_eq!(world.heard(0, 2), (true, true));
    world.at("cy", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn who_sends_on_to_somebody_busy_has_the_caller_back() {
    let mut world = talking();
    world.at("bob", |bob, now| bob.refer("203", now));
    world.run_ms(500);
    world.at("cy", |cy, now| cy.reject(StatusCode::BUSY_HERE, now));
    world.run_ms(500);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn who_sends_on_hangs_up_and_is_rung_when_nobody_answers() {
    let mut world = talking();
    world.at("bob", |bob, now| bob.refer("203", now));
    world.run_ms(100);
    world.at("bob", Phone::hang_up);
    world.run_ms(400);
    world.at("cy", Phone::ring);
    world.run_undrawn(Duration::from_secs(29));
    world.run_ms(3000);
    world.at("bob", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard(0, 3), (true, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn who_sends_on_and_is_not_there_when_rung_again() {
    let mut world = talking();
    world.at("bob", |bob, now| bob.refer("203", now));
    world.run_ms(100);
    world.at("bob", Phone::hang_up);
    world.run_ms(100);
    world.at("cy", |cy, now| cy.reject(StatusCode::BUSY_HERE, now));
    world.run_ms(100);
    world.at("bob", |bob, now| bob.reject(StatusCode::BUSY_HERE, now));
    world.run_ms(1000);
    assert_snapshot!(world.story());
}

#[test]
fn nobody_has_the_number_somebody_is_sent_to() {
    let mut world = talking();
    world.at("bob", |bob, now| bob.refer("299", now));
    world.run_ms(500);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn who_is_sent_on_hangs_up_meanwhile() {
    let mut world = talking();
    world.at("bob", |bob, now| bob.refer("203", now));
    world.run_ms(500);
    world.at("cy", Phone::ring);
    world.run_ms(500);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn who_has_sent_on_and_stays_is_hung_up_on() {
    let mut world = talking();
    world.at("bob", |bob, now| bob.refer("203", now));
    world.run_ms(500);
    world.at("cy", Phone::accept);
    world.run_ms(5000);
    assert_eq!(world.heard(0, 2), (true, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn one_transfer_at_a_time() {
    let mut world = talking();
    world.at("bob", |bob, now| bob.refer("203", now));
    world.run_ms(100);
    world.at("bob", |bob, now| bob.refer("204", now));
    world.at("ann", |ann, now| ann.refer("204", now));
    world.run_ms(100);
    world.at("cy", Phone::accept);
    world.run_ms(500);
    world.at("cy", Phone::hang_up);
    assert_snapshot!(world.story());
}

/// A transfer in whose course `who` loses power after so long; what comes of it.
fn broken(who: &'static str, after_ms: u64, hangs_up: bool) -> World {
    let mut world = talking();
    world.at("bob", |bob, now| bob.refer("203", now));
    for ms in 0..30 {
        if ms == after_ms {
            world.kill(who);
        }
        match ms {
            3 if hangs_up => world.at("bob", Phone::hang_up),
            6 => world.at("cy", Phone::try_ring),
            12 => world.at("cy", Phone::try_accept),
            _ => {}
        }
        world.run_ms(1);
    }
    world
}

#[test]
fn whoever_loses_power_and_whenever_the_caller_is_not_lost() {
    for hangs_up in [false, true] {
        for after_ms in 0..30 {
            let mut world = broken("bob", after_ms, hangs_up);
            assert_eq!(world.heard(0, 2), (true, true), "bob dies after {after_ms} ms");
            world.at("ann", Phone::hang_up);
            assert_eq!(world.records().len(), 1);

            let mut world = broken("cy", after_ms, hangs_up);
            world.run_ms(40_000);
            world.at("bob", Phone::try_accept);
            world.run_ms(1000);
            let is_back = world.heard(0, 1) == (true, true) || world.heard(0, 3) == (true, true);
            let had_answered = after_ms > 12;
            assert!(is_back || had_answered, "cy dies after {after_ms} ms");
            world.at("ann", Phone::end_all);
            world.at("bob", Phone::end_all);
            assert_eq!(world.records().len(), 1);

            let mut world = broken("ann", after_ms, hangs_up);
            world.run_ms(1000);
            world.at("bob", Phone::end_all);
            world.at("cy", Phone::end_all);
            assert_eq!(world.records().len(), 1);
        }
    }
}
