//! What a subscriber is told, and when.

use std::time::Duration;

use insta::assert_snapshot;

use super::bench::{Bench, SUBSCRIBE};
use crate::wire::header::{Contact, Event, Route};

const GAP: Duration = Duration::from_millis(200);

#[test]
fn a_subscriber_is_told_at_once_and_of_every_change() {
    let mut bench = Bench::new();
    bench.answers(200);
    bench.passes(GAP);
    bench.news(1);
    bench.answers(200);
    assert_snapshot!(bench.ladder(), @"
    ← SUBSCRIBE 1 message-summary 600
    → 200 Expires: 600
    * renewed
    → NOTIFY 1 message-summary active;expires=600 «Voice-Message: 0/0 (0/0)»
    ← 200
    200ms
    → NOTIFY 2 message-summary active;expires=600 «Voice-Message: 1/0 (0/0)»
    ← 200
    ");
}

#[test]
fn a_notify_goes_the_way_that_the_subscribe_came() {
    let bench = Bench::new();
    let notify = bench.last_notify();
    assert_eq!(notify.uri_text(), "sip:phone@192.0.2.9:5061");
    assert_eq!(notify.require::<Route>().unwrap().to_string(), "<sip:proxy.example;lr>");
    assert!(notify.require::<Contact>().is_ok());
}

#[test]
fn news_that_come_too_fast_are_summed_up() {
    let mut bench = Bench::new();
    bench.ladder();
    bench.news(1);
    bench.news(2);
    bench.answers(200);
    bench.news(3);
    bench.passes(GAP);
    bench.answers(200);
    bench.news(3);
    bench.passes(GAP);
    assert_snapshot!(bench.ladder(), @"
    ← 200
    200ms
    → NOTIFY 2 message-summary active;expires=600 «Voice-Message: 3/0 (0/0)»
    ← 200
    200ms
    ");
}

#[test]
fn a_slow_subscriber_gets_the_latest_state_alone() {
    let mut bench = Bench::new();
    bench.ladder();
    for new in 1..100 {
        bench.news(new);
        bench.passes(GAP);
    }
    assert!(!bench.ladder().contains("NOTIFY"), "one is under way");
    bench.answers(200);
    assert_snapshot!(bench.ladder(), @"
    ← 200
    → NOTIFY 2 message-summary active;expires=581 «Voice-Message: 99/0 (0/0)»
    ");
}

#[test]
fn a_refresh_prolongs_and_tells_again() {
    let mut bench = Bench::new();
    bench.answers(200);
    bench.passes(Duration::from_secs(500));
    bench.ladder();
    bench.subscribes(SUBSCRIBE);
    assert_eq!(
        bench.last_notify().uri_text(),
        "sip:phone@192.0.2.9:5062",
        "the contact has moved"
    );
    bench.answers(200);
    assert_eq!(bench.left(), Some(Duration::from_secs(600)));
    assert_snapshot!(bench.ladder(), @"
    ← SUBSCRIBE 2 message-summary 600
    → 200 Expires: 600
    * renewed
    → NOTIFY 2 message-summary active;expires=600 «Voice-Message: 0/0 (0/0)»
    ← 200
    ");
}

#[test]
fn an_event_id_comes_back() {
    let bench = Bench::with(&[("Event", "message-summary;id=7")]).expect("is accepted");
    assert_eq!(bench.last_notify().require::<Event>().unwrap().id(), Some("7"));
}

#[test]
fn after_a_restart_everything_is_told_with_higher_numbers() {
    let mut bench = Bench::new();
    bench.ladder();
    bench.restarts();
    bench.news(4);
    assert_eq!(bench.left(), Some(Duration::from_millis(300)));
    bench.passes(Duration::from_millis(300));
    assert_snapshot!(bench.ladder(), @"
    restart
    300ms
    → NOTIFY 65538 message-summary active;expires=600 «Voice-Message: 4/0 (0/0)»
    ");
}
