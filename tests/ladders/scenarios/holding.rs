//! Hold and resume, in both styles and from both sides.

use insta::assert_snapshot;
use wigwag_sip::{sdp::Direction, session::OfferBy};

use crate::world::{Phone, World};

/// Somebody holds by a direction, and resumes.
fn held_by(who: &str, direction: Direction) -> String {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk_undrawn();
    world.at(who, |phone, now| phone.turn(direction, now));
    world.run_ms(1000);
    let hears = world.heard(0, 1);
    assert!(
        hears
            == if who == "ann" {
                (false, direction.sends())
            } else {
                (direction.sends(), false)
            },
        "who holds hears nothing: {hears:?}"
    );
    world.at(who, |phone, now| phone.turn(Direction::SendRecv, now));
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    world.story()
}

/// Somebody holds by `c=0.0.0.0`, and resumes.
fn held_the_old_way_by(who: &str) -> String {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk_undrawn();
    world.at(who, |phone, _| phone.voice.nowhere = true);
    world.at(who, |phone, now| phone.propose(OfferBy::Invite, now));
    world.run_ms(1000);
    let (ann, bob) = world.heard(0, 1);
    assert!(!(if who == "ann" { ann } else { bob }), "who holds hears nothing");
    world.at(who, |phone, _| phone.voice.nowhere = false);
    world.at(who, |phone, now| phone.propose(OfferBy::Invite, now));
    world.run_ms(1000);
    world.assert_talking();
    world.at("bob", Phone::hang_up);
    world.story()
}

#[test]
fn the_caller_holds_with_music() {
    assert_snapshot!(held_by("ann", Direction::SendOnly));
}

#[test]
fn the_caller_holds_without_music() {
    assert_snapshot!(held_by("ann", Direction::Inactive));
}

#[test]
fn the_called_holds_with_music() {
    assert_snapshot!(held_by("bob", Direction::SendOnly));
}

#[test]
fn the_called_holds_without_music() {
    assert_snapshot!(held_by("bob", Direction::Inactive));
}

#[test]
fn the_caller_holds_the_old_way() {
    assert_snapshot!(held_the_old_way_by("ann"));
}

#[test]
fn the_called_holds_the_old_way() {
    assert_snapshot!(held_the_old_way_by("bob"));
}

#[test]
fn both_hold_and_resume_one_after_the_other() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk_undrawn();
    world.at("ann", |ann, now| ann.turn(Direction::SendOnly, now));
    world.run_ms(500);
    world.at("bob", |bob, now| bob.turn(Direction::SendOnly, now));
    world.run_ms(500);
    assert_eq!(world.heard(0, 1), (false, false));
    world.note("ann resumes, bob still holds");
    world.at("ann", |ann, now| ann.turn(Direction::SendRecv, now));
    world.run_ms(500);
    assert_eq!(world.heard(0, 1), (true, false), "ann hears what bob plays");
    world.note("bob resumes");
    world.at("bob", |bob, now| bob.turn(Direction::SendRecv, now));
    world.run_ms(500);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn both_hold_and_resume_in_the_other_order() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk_undrawn();
    world.at("ann", |ann, now| ann.turn(Direction::Inactive, now));
    world.run_ms(500);
    world.at("bob", |bob, now| bob.turn(Direction::Inactive, now));
    world.run_ms(500);
    world.note("bob resumes, ann still holds");
    world.at("bob", |bob, now| bob.turn(Direction::SendRecv, now));
    world.run_ms(500);
    assert_eq!(world.heard(0, 1), (false, false));
    world.note("ann resumes");
    world.at("ann", |ann, now| ann.turn(Direction::SendRecv, now));
    world.run_ms(500);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn hanging_up_while_held() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk_undrawn();
    world.at("ann", |ann, now| ann.turn(Direction::SendOnly, now));
    world.run_ms(500);
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}
