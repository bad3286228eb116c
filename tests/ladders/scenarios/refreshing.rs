//! Session timers: refreshes are between one phone and us, and a phone that is gone ends the call.

use std::time::Duration;

use insta::assert_snapshot;
use wigwag_sip::session::{Refresher, TimerPolicy};

use crate::world::{Phone, World};

fn with_timers(ann: Refresher, bob: Refresher) -> World {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    let policy = |refresher| TimerPolicy {
        interval_secs: 120,
        min_se_secs: 90,
        refresher,
    };
    world.at("ann", |phone, _| phone.timer = policy(ann));
    world.at("bob", |phone, _| phone.timer = policy(bob));
    world.talk();
    world
}

#[test]
fn phones_that_refresh_do_not_bother_each_other() {
    let mut world = with_timers(Refresher::Us, Refresher::Us);
    world.run(Duration::from_secs(65));
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn we_refresh_where_phones_want_that() {
    let mut world = with_timers(Refresher::Them, Refresher::Them);
    world.run(Duration::from_secs(910));
    world.assert_talking();
    world.at("ann", Phone::hang_up);
    assert_snapshot!(world.story());
}

#[test]
fn a_refresher_that_vanishes_ends_the_call() {
    let mut world = with_timers(Refresher::Us, Refresher::Us);
    world.kill("ann");
    world.run(Duration::from_secs(200));
    assert_snapshot!(world.story());
}

#[test]
fn a_phone_that_does_not_answer_our_refresh_ends_the_call() {
    let mut world = with_timers(Refresher::Them, Refresher::Them);
    world.kill("bob");
    world.run(Duration::from_secs(2000));
    assert_snapshot!(world.story());
}

#[test]
fn a_call_without_an_end_is_ended_after_a_day() {
    let mut world = World::new(&[("ann", "201"), ("bob", "202")]);
    world.talk();
    world.run_undrawn(Duration::from_secs(24 * 3600 - 10));
    world.assert_talking();
    world.run(Duration::from_secs(20));
    assert_snapshot!(world.story());
}
