//! Other requests within a call.

use insta::assert_snapshot;
use wigwag_sip::{
    session::Extra,
    wire::{HeaderName, Method},
};

use crate::world::{Phone, World};

fn talking() -> World {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk_undrawn();
    world
}

#[test]
fn keys_sent_by_info_cross_the_exchange() {
    let mut world = talking();
    world.at("ann", |ann, now| ann.press('5', now));
    world.run_ms(200);
    world.at("bob", |bob, now| bob.press('#', now));
    world.run_ms(200);
    assert_eq!(world.at("bob", |bob, _| bob.told.clone())[1], "Digit 5 for 160 ms");
    assert!(
        world
            .at("ann", |ann, _| ann.told.clone())
            .contains(&"Digit # for 160 ms".to_string())
    );
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_subscription_is_refused_and_the_call_goes_on() {
    let mut world = talking();
    let subscribe = vec![Extra::new(HeaderName::Event, "refer")];
    world.at("bob", |bob, now| bob.send(Method::Subscribe, subscribe, now));
    world.run_ms(500);
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_sign_of_life_is_answered() {
    let mut world = talking();
    world.at("bob", |bob, now| bob.send(Method::Options, Vec::new(), now));
    world.run_ms(500);
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}
