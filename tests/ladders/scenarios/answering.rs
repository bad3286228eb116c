//! Calls that are answered, and what happens on the way there.

use insta::assert_snapshot;
use wigwag_sip::wire::StatusCode;

use crate::world::{Phone, World};

#[test]
fn a_colleague_answers_and_the_caller_hangs_up() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn the_echo_test_lets_one_hear_oneself() {
    let mut world = World::new(&[("ann", "201")]);
    world.at("ann", |ann, now| ann.call("*52", now));
    world.run_ms(1000);
    assert_eq!(world.heard(0, 0), (true, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_caller_without_an_offer_is_made_one() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.dial("202", None, now));
    world.run_ms(1000);
    world.at("bob", Phone::accept);
    world.run_ms(1000);
    world.assert_talking();
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn the_only_phone_may_play_something_before_it_answers() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", |bob, now| bob.progress(StatusCode::SESSION_PROGRESS, true, now));
    world.run_ms(500);
    world.assert_talking();
    world.at("bob", Phone::accept);
    world.run_ms(1000);
    world.assert_talking();
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn payload_types_of_the_two_phones_differ() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    let opus = |number, keys| vec![(number, "opus/48000/2"), (keys, "telephone-event/48000")];
    world.at("ann", |ann, _| ann.voice.codecs = opus(96, 97));
    world.at("bob", |bob, _| bob.voice.codecs = opus(111, 110));
    world.talk();
    world.at("bob", |bob, now| bob.propose(wigwag_sip::session::OfferBy::Invite, now));
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_answers_before_its_180_arrives() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::accept);
    world.run_ms(10);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_caller_without_an_offer_answers_with_fewer_codecs_than_the_phone() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, _| ann.voice.codecs = vec![(0, "PCMU/8000")]);
    world.at("ann", |ann, now| ann.dial("202", None, now));
    world.run_ms(1000);
    world.at("bob", Phone::accept);
    world.run_ms(1000);
    world.assert_talking();
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}
