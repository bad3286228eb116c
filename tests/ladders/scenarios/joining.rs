//! Two calls become one: attended transfer by REFER with Replaces (RFC 5589 §7), and INVITE with Replaces (RFC 3891).

use insta::assert_snapshot;
use wigwag_sip::{
    sdp::Direction,
    wire::{StatusCode, header::Replaces},
};

use crate::world::{Phone, World};

const PHONES: [(&str, &str); 4] = [("ann", "201"), ("bob", "202"), ("cy", "203"), ("dee", "204")];

/// Ann talks with bob, who holds her and calls cy.
fn asking() -> World {
    let mut world = World::new(&PHONES);
    world.talk_undrawn();
    world.at("bob", |bob, now| bob.turn(Direction::SendOnly, now));
    world.run_ms(100);
    world.at("bob", |bob, now| {
        bob.voice.direction = Direction::SendRecv;
        bob.call("203", now);
    });
    world.run_ms(100);
    world.at("cy", Phone::ring);
    world.run_ms(100);
    world
}

fn asked() -> World {
    let mut world = asking();
    world.at("cy", Phone::accept);
    world.run_ms(500);
    world
}

fn send_on(world: &mut World) {
    world.at("bob", |bob, now| bob.refer_to_line(0, 1, now));
}

#[test]
fn who_was_asked_first_has_the_caller() {
    let mut world = asked();
    send_on(&mut world);
    world.run_ms(500);
    assert_eq!(world.heard_in(2, 2, 1), (true, true));
    world.at("ann", Phone::hang_up);
    assert_eq!(world.records().len(), 1, "one row tells the conversation");
    assert_snapshot!(world.story());
}

#[test]
fn who_still_rings_has_the_caller_who_hears_it_ring() {
    let mut world = asking();
    send_on(&mut world);
    world.run_ms(500);
    world.at("cy", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard_in(2, 2, 1), (true, true));
    world.at("cy", Phone::hang_up);
    assert_eq!(world.records().len(), 1);
    assert_snapshot!(world.story());
}

#[test]
fn who_sent_on_to_somebody_who_does_not_answer_is_rung() {
    let mut world = asking();
    send_on(&mut world);
    world.run_ms(500);
    world.at("cy", |cy, now| cy.reject(StatusCode::BUSY_HERE, now));
    world.run_ms(500);
    world.at("bob", Phone::accept);
    world.run_ms(500);
    assert_eq!(world.heard_in(2, 2, 3), (true, true));
    world.at("ann", Phone::hang_up);
    assert_eq!(world.records().len(), 1);
    assert_snapshot!(world.story());
}

#[test]
fn a_call_that_nobody_knows_takes_nobody() {
    let mut world = asked();
    world.at("cy", Phone::hang_up);
    world.run_ms(500);
    send_on(&mut world);
    world.run_ms(500);
    assert_eq!(world.heard_in(1, 0, 1), (true, false), "she is still on hold");
    world.at("ann", Phone::hang_up);
    assert_eq!(world.records().len(), 2);
}

#[test]
fn a_phone_takes_over_what_another_one_talks() {
    let mut world = World::new(&PHONES);
    world.talk_undrawn();
    let dialog = world.at("bob", |bob, _| bob.dialog(0));
    world.at("dee", |dee, now| dee.call_replacing(&dialog, now));
    world.run_ms(500);
    assert_eq!(world.heard_in(1, 0, 2), (true, true));
    world.at("ann", Phone::hang_up);
    assert_eq!(world.records().len(), 1);
    assert_snapshot!(world.story());
}

#[test]
fn a_call_to_replace_what_is_not_there_is_refused() {
    let mut world = World::new(&PHONES);
    world.talk_undrawn();
    let dialog = world.at("bob", |bob, _| bob.dialog(0));
    let guessed = Replaces::new(dialog.call_id().clone(), dialog.to_tag(), "guessed");
    world.at("dee", |dee, now| dee.call_replacing(&guessed, now));
    world.run_ms(500);
    assert_eq!(world.heard_in(1, 0, 1), (true, true));
    let early = format!("{dialog};early-only");
    let early = <Replaces as wigwag_sip::wire::header::Header>::parse(early.as_bytes()).unwrap();
    world.at("dee", |dee, now| dee.call_replacing(&early, now));
    world.run_ms(500);
    assert_eq!(world.heard_in(1, 0, 1), (true, true));
    world.at("ann", Phone::hang_up);
    world.run_ms(10);
    world.at("dee", |dee, now| dee.call_replacing(&dialog, now));
    assert_snapshot!(world.story());
}

/// An attended transfer in whose course `who` loses power after so long.
fn broken(who: &'static str, after_ms: u64, is_answered: bool) -> World {
    let mut world = if is_answered { asked() } else { asking() };
    for ms in 0..30 {
        if ms == after_ms {
            world.kill(who);
        }
        match ms {
            2 => send_on(&mut world),
            20 if !is_answered => world.at("cy", Phone::try_accept),
            _ => {}
        }
        world.run_ms(1);
    }
    world.run_ms(500);
    world
}

#[test]
fn whoever_loses_power_and_whenever_the_caller_is_not_lost_between_two_calls() {
    for is_answered in [false, true] {
        for after_ms in 3..30 {
            let mut world = broken("bob", after_ms, is_answered);
            assert_eq!(world.heard_in(2, 2, 1), (true, true), "bob dies after {after_ms} ms");
            world.at("ann", Phone::end_all);
            assert_eq!(world.records().len(), 1);

            let mut world = broken("ann", after_ms, is_answered);
            world.at("cy", Phone::end_all);
            world.at("bob", Phone::end_all);
            assert!(world.records().len() <= 2);

            let mut world = broken("cy", after_ms, is_answered);
            world.run_ms(40_000);
            world.at("bob", Phone::try_accept);
            world.run_ms(1000);
            world.at("ann", Phone::end_all);
            world.at("bob", Phone::end_all);
            assert!(world.records().len() <= 2);
        }
    }
}
