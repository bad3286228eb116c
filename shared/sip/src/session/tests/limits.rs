//! Hostile peers: whatever they send, a session stays small and quiet.

use std::time::Duration;

use super::bench::{Bench, Make, PEER};
use crate::{
    session::{Command, OfferBy},
    wire::Method,
};

/// More than any session needs.
const FROZEN_LEN: usize = 40_000;

fn count(ladder: &str, line: &str) -> usize {
    ladder.lines().filter(|other| other.starts_with(line)).count()
}

#[test]
fn branches_without_end_ring_unheard() {
    let mut bench = Make::default().caller();
    for branch in 0..200 {
        bench.answers(180, &format!("branch-{branch}"), &[], "");
    }
    assert_eq!(count(&bench.ladder(), "* Progress"), 16);
    assert!(bench.frozen_len() < FROZEN_LEN);
    bench.answers(200, "branch-150", &[], "answer");
    assert_eq!(count(&bench.ladder(), "* Answered"), 1);
}

#[test]
fn answers_without_end_are_sent_home_sixteen_times() {
    let mut bench = Make::default().caller();
    bench.answers(200, PEER, &[], "answer");
    for branch in 0..200 {
        bench.answers_nth(0, 200, &format!("branch-{branch}"), &[], "answer");
    }
    assert_eq!(count(&bench.ladder(), "→ BYE"), 16);
    assert!(bench.frozen_len() < FROZEN_LEN);
    bench.wait(Duration::from_secs(33));
    bench.forget();
    bench.answers_nth(0, 200, "branch-300", &[], "answer");
    assert_eq!(count(&bench.ladder(), "→"), 0);
}

#[test]
fn requests_of_other_usages_wait_in_a_short_queue() {
    let mut bench = Bench::answered();
    for _ in 0..100 {
        bench.requests(Method::Subscribe, &[], "");
    }
    assert_eq!(count(&bench.ladder(), "* Other"), 8);
    assert_eq!(count(&bench.ladder(), "→ 500 SUBSCRIBE"), 92);
    assert!(bench.frozen_len() < FROZEN_LEN);
}

#[test]
fn requests_of_the_owner_wait_in_a_short_queue() {
    let mut bench = Bench::answered();
    for tag in 0..20 {
        bench.command(Command::Send {
            tag,
            method: Method::Info,
            headers: Vec::new(),
            content: None,
        });
    }
    assert_eq!(count(&bench.ladder(), "→ INFO"), 8);
    assert_eq!(count(&bench.ladder(), "* Replied"), 12);
}

#[test]
fn lists_of_reasons_and_contacts_are_cut() {
    let mut bench = Make::default().caller();
    let contacts = vec!["<sip:a@b>"; 100].join(", ");
    let reasons = vec!["SIP;cause=200"; 100].join(", ");
    bench.answers(302, PEER, &[("Contact", &contacts), ("Reason", &reasons)], "");
    let ladder = bench.ladder();
    let last = ladder.lines().last().unwrap();
    assert_eq!(
        (last.matches(" at ").count(), last.matches("cause=200").count()),
        (8, 8)
    );
}

#[test]
fn strays_do_nothing() {
    let mut bench = Bench::called();
    bench.acks_with("an answer to nothing");
    bench.cancels(99, &[]);
    bench.answer_offer("to nothing");
    bench.answers_nth(0, 180, PEER, &[], "");
    bench.answers_nth(0, 487, PEER, &[], "");
    assert_eq!(count(&bench.ladder(), "→"), 0);
    assert_eq!(count(&bench.ladder(), "*"), 0);
    assert!(!bench.is_over());
}

#[test]
fn a_peer_that_refuses_everything_costs_nothing() {
    let mut bench = Bench::called();
    for _ in 0..50 {
        bench.offer("again", OfferBy::Update);
        bench.answers(500, PEER, &[], "");
    }
    assert_eq!(count(&bench.ladder(), "* OfferRefused 500"), 50);
    assert!(bench.frozen_len() < 4_000);
}
