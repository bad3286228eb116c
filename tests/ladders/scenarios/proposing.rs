//! Changes that one side proposes: who waits for whom, what is refused, and that the call goes on.

use insta::assert_snapshot;
use wigwag_sip::{sdp::Direction, session::OfferBy};

use crate::world::{Phone, World};

fn talking() -> World {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk_undrawn();
    world
}

#[test]
fn both_phones_propose_at_once() {
    let mut world = talking();
    world.at("ann", |ann, now| ann.turn(Direction::SendOnly, now));
    world.at("bob", |bob, now| bob.turn(Direction::SendOnly, now));
    world.run_ms(20_000);
    assert_eq!(world.heard(0, 1), (false, false));
    world.at("ann", |ann, now| ann.turn(Direction::SendRecv, now));
    world.run_ms(1_000);
    world.at("bob", |bob, now| bob.turn(Direction::SendRecv, now));
    world.run_ms(1_000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_proposes_while_ours_is_on_its_way_to_it() {
    let mut world = talking();
    world.at("ann", |ann, now| ann.turn(Direction::SendOnly, now));
    world.run_ms(1);
    world.at("bob", |bob, now| bob.propose(OfferBy::Invite, now));
    world.run_ms(20_000);
    assert_eq!(world.heard(0, 1), (false, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn hold_by_update() {
    let mut world = talking();
    world.at("ann", |ann, now| {
        ann.voice.direction = Direction::SendOnly;
        ann.propose(OfferBy::Update, now);
    });
    world.run_ms(1000);
    assert_eq!(world.heard(0, 1), (false, true));
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_asks_for_an_offer() {
    let mut world = talking();
    world.at("ann", Phone::ask_for_offer);
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_asks_for_an_offer_and_answers_with_fewer_codecs() {
    let mut world = talking();
    world.at("bob", |bob, _| bob.voice.codecs = vec![(0, "PCMU/8000")]);
    world.at("bob", Phone::ask_for_offer);
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_moves_its_sound_to_another_port() {
    let mut world = talking();
    world.at("bob", |bob, now| {
        bob.voice.address.set_port(6000);
        bob.propose(OfferBy::Invite, now);
    });
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_changes_to_another_codec() {
    let mut world = talking();
    world.at("ann", |ann, now| {
        ann.voice.codecs = vec![(0, "PCMU/8000"), (101, "telephone-event/8000")];
        ann.propose(OfferBy::Invite, now);
    });
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_codec_that_the_other_phone_does_not_have_is_refused_and_the_call_goes_on() {
    let mut world = talking();
    world.at("ann", |ann, now| {
        ann.voice.codecs = vec![(9, "G722/8000")];
        ann.propose(OfferBy::Invite, now);
    });
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_fax_is_refused_and_the_call_goes_on() {
    let mut world = talking();
    world.at("bob", Phone::propose_fax);
    world.run_ms(1000);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_takes_long_to_answer_a_proposal_and_its_proposer_hangs_up() {
    let mut world = talking();
    world.at("bob", |bob, _| bob.answers_proposals = false);
    world.at("ann", |ann, now| ann.turn(Direction::SendOnly, now));
    world.run_ms(500);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn the_other_phone_hangs_up_instead_of_answering_a_proposal() {
    let mut world = talking();
    world.at("bob", |bob, _| bob.answers_proposals = false);
    world.at("ann", |ann, now| ann.turn(Direction::SendOnly, now));
    world.run_ms(500);
    world.at("bob", Phone::hang_up);
    assert_snapshot!(world.story());
}
