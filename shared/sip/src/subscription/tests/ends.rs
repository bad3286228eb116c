//! How subscriptions end.

use std::time::Duration;

use insta::assert_snapshot;

use super::bench::{Bench, SUBSCRIBE};
use crate::{subscription::End, transaction::Failure};

#[test]
fn who_asks_once_is_told_once() {
    let mut bench = Bench::with(&[("Event", "message-summary"), ("Expires", "0")]).expect("is accepted");
    bench.answers(200);
    assert_eq!(bench.left(), None);
    assert_snapshot!(bench.ladder(), @"
    ← SUBSCRIBE 1 message-summary 0
    → 200 Expires: 0
    → NOTIFY 1 message-summary terminated;reason=timeout «Voice-Message: 0/0 (0/0)»
    ← 200
    * ended: Timeout
    ");
}

#[test]
fn who_unsubscribes_is_told_a_last_time() {
    let mut bench = Bench::new();
    bench.news(5);
    bench.ladder();
    bench.subscribes(&[("Event", "message-summary"), ("Expires", "0")]);
    bench.subscribes(SUBSCRIBE);
    bench.answers(200);
    bench.answers(200);
    bench.subscribes(SUBSCRIBE);
    assert_snapshot!(bench.ladder(), @"
    ← SUBSCRIBE 2 message-summary 0
    → 200 Expires: 0
    ← SUBSCRIBE 3 message-summary 600
    → 481
    ← 200
    → NOTIFY 2 message-summary terminated;reason=timeout «Voice-Message: 5/0 (0/0)»
    ← 200
    * ended: Timeout
    ← SUBSCRIBE 4 message-summary 600
    → 481
    ");
}

#[test]
fn a_subscription_that_nobody_renews_ends() {
    let mut bench = Bench::new();
    bench.answers(200);
    bench.ladder();
    assert_eq!(bench.left(), Some(Duration::from_secs(600)));
    bench.passes(Duration::from_secs(600));
    bench.news(9);
    bench.is_silent(Failure::Timeout);
    assert_snapshot!(bench.ladder(), @"
    600s
    → NOTIFY 2 message-summary terminated;reason=timeout «Voice-Message: 0/0 (0/0)»
    ← Timeout
    * ended: Timeout
    ");
}

#[test]
fn a_subscriber_that_knows_nothing_or_is_silent_is_forgotten() {
    for status in [401, 404, 408, 480, 481, 489, 603] {
        let mut bench = Bench::new();
        bench.answers(status);
        assert!(bench.ladder().ends_with("* ended: Forgotten"), "{status}");
    }
    for failure in [Failure::Timeout, Failure::Transport] {
        let mut bench = Bench::new();
        bench.is_silent(failure);
        assert!(bench.ladder().ends_with("* ended: Forgotten"));
    }
}

#[test]
fn a_subscriber_in_trouble_is_told_the_next_news() {
    for status in [400, 413, 500, 503] {
        let mut bench = Bench::new();
        bench.answers(status);
        bench.passes(Duration::from_secs(1));
        bench.ladder();
        bench.news(1);
        assert!(bench.ladder().starts_with("→ NOTIFY 2"), "{status}");
    }
}

#[test]
fn the_owner_ends_it_with_a_reason() {
    let mut bench = Bench::new();
    bench.answers(200);
    bench.ladder();
    bench.end(End::NoResource);
    bench.answers(200);
    bench.end(End::Rejected);
    assert_snapshot!(bench.ladder(), @"
    → NOTIFY 2 message-summary terminated;reason=noresource «Voice-Message: 0/0 (0/0)»
    ← 200
    * ended: NoResource
    ");
    let mut bench = Bench::new();
    bench.ladder();
    bench.end(End::Forgotten);
    assert_snapshot!(bench.ladder(), @"* ended: Forgotten");
}
