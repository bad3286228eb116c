//! The ways in which a carrier fails.

use std::time::Duration;

use wigwag_simulator::{Condition, Config, Demand, Outcome, Simulator};

use crate::stage::{Stage, with_account, within};

#[tokio::test]
async fn silence_is_no_answer_at_all() {
    let stage = Stage::new().await;
    let mut call = stage.calls("01632960167").await;
    let seen = within(stage.carrier.sees(|_| true)).await;
    assert_eq!(seen.outcome, Outcome::Silent);
    let nothing = tokio::time::timeout(Duration::from_secs(2), call.until(|state| !state.progress.is_empty()));
    assert!(nothing.await.is_err());
    assert_eq!(stage.carrier.seen().len(), 1, "an INVITE that comes again is one call");
    stage.end().await;
}

#[tokio::test]
async fn a_carrier_that_is_overloaded_sends_everybody_away() {
    let stage = Stage::new().await;
    stage
        .carrier
        .set_condition(Condition::Overloaded { retry_after_secs: 7 });
    assert_eq!(stage.refusal("01632960150").await, Some(503));
    assert_eq!(stage.carrier.seen()[0].outcome, Outcome::Refused(503));
    stage.carrier.set_condition(Condition::Up);
    let mut call = stage.calls("01632960150").await;
    within(call.answered()).await.expect("it works again");
    stage.end().await;
}

#[tokio::test]
async fn a_carrier_that_comes_up_again_answers_what_was_sent_again() {
    let stage = Stage::new().await;
    stage.carrier.set_condition(Condition::Flapping {
        up_ms: 0,
        down_ms: 1000,
    });
    let mut call = stage.calls("01632960150").await;
    let nothing = tokio::time::timeout(Duration::from_secs(1), call.answered());
    assert!(nothing.await.is_err());
    assert!(stage.carrier.seen().is_empty());
    stage.carrier.set_condition(Condition::Up);
    within(call.answered()).await.expect("the INVITE came again");
    stage.end().await;
}

#[tokio::test]
async fn a_call_without_proof_is_not_let_in() {
    for (demand, status) in [(Demand::Unauthorized, 401), (Demand::ProxyAuthentication, 407)] {
        let stage = Stage::with(with_account(demand)).await;
        assert_eq!(stage.refusal("01632960150").await, Some(status));
        assert!(stage.carrier.seen().is_empty());
        stage.end().await;
    }
}

#[tokio::test]
async fn a_carrier_has_no_more_calls_than_it_may() {
    let stage = Stage::with(Config {
        calls: 1,
        ..Config::default()
    })
    .await;
    let mut first = stage.calls("01632960150").await;
    within(first.answered()).await.expect("it is answered");
    assert_eq!(stage.refusal("01632960151").await, Some(503));
    stage.end().await;
}

#[tokio::test]
async fn a_carrier_that_ends_says_good_bye() {
    let stage = Stage::new().await;
    let mut call = stage.calls("01632960150").await;
    within(call.answered()).await.expect("it is answered");
    within(stage.carrier.shutdown()).await;
    within(call.over()).await;
    within(stage.caller.shutdown()).await;
}

#[tokio::test]
async fn what_is_no_host_name_is_no_domain() {
    let config = Config {
        domain: "no name".to_owned(),
        ..Config::default()
    };
    assert!(Simulator::start(config).await.is_err());
}
