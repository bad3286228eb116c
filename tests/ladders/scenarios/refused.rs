//! Calls that reach nobody, each with the reason that the caller's phone shows.

use insta::assert_snapshot;
use wigwag_sip::wire::StatusCode;

use crate::world::{Phone, World};

fn refused_by_bob(status: StatusCode) -> String {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(990);
    world.at("bob", |bob, now| bob.reject(status, now));
    world.story()
}

fn dialled(number: &str) -> String {
    let mut world = World::new(&[("ann", "201")]);
    world.at("ann", |ann, now| ann.call(number, now));
    world.story()
}

#[test]
fn a_colleague_is_busy() {
    assert_snapshot!(refused_by_bob(StatusCode::BUSY_HERE));
}

#[test]
fn a_colleague_declines() {
    assert_snapshot!(refused_by_bob(StatusCode::DECLINE));
}

#[test]
fn a_phone_says_temporarily_unavailable() {
    assert_snapshot!(refused_by_bob(StatusCode::TEMPORARILY_UNAVAILABLE));
}

#[test]
fn nobody_answers_in_time() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(31_000);
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_that_is_off_does_not_answer_at_all() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.kill("bob");
    world.at("ann", |ann, now| ann.call("202", now));
    assert_snapshot!(world.story());
}

#[test]
fn no_phone_is_connected() {
    assert_snapshot!(dialled("202"));
}

#[test]
fn nobody_has_the_number() {
    assert_snapshot!(dialled("299"));
}

#[test]
fn the_own_number_has_no_other_phone() {
    assert_snapshot!(dialled("201"));
}

#[test]
fn an_outside_number_is_refused() {
    assert_snapshot!(dialled("01632960123"));
}

#[test]
fn an_emergency_number_is_refused_with_a_plain_reason() {
    assert_snapshot!(dialled("999"));
}

#[test]
fn a_colleague_without_call_waiting_is_on_the_phone() {
    let mut world = World::without_call_waiting(&[("ann", "201"), ("bob", "202"), ("cy", "203")]);
    world.talk_undrawn();
    world.at("cy", |cy, now| cy.call("202", now));
    world.run_ms(1000);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_second_call_is_offered_with_call_waiting_and_a_third_is_not() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202"), ("cy", "203"), ("dee", "204")]);
    world.talk_undrawn();
    world.at("cy", |cy, now| cy.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::ring);
    world.run_ms(1000);
    world.at("dee", |dee, now| dee.call("202", now));
    world.run_ms(1000);
    world.at("cy", Phone::hang_up);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn phones_without_a_codec_in_common_cannot_talk() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("bob", |bob, _| bob.voice.codecs = vec![(9, "G722/8000")]);
    world.at("ann", |ann, now| ann.call("202", now));
    world.run_ms(10);
    world.at("bob", Phone::accept);
    assert_snapshot!(world.story());
}

#[test]
fn an_invite_that_offers_only_a_fax_is_refused() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.at("ann", |ann, now| ann.fax("202", now));
    assert_snapshot!(world.story());
}

#[test]
fn no_port_is_left_for_the_caller() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.exchange.media.ports_left = 0;
    world.at("ann", |ann, now| ann.call("202", now));
    assert_snapshot!(world.story());
}

#[test]
fn no_port_is_left_for_the_phone() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.exchange.media.ports_left = 1;
    world.at("ann", |ann, now| ann.call("202", now));
    assert_snapshot!(world.story());
}
