//! How a call ends: who hangs up, who never answers, and what the history says about it.

use harness::Setup;
use wigwag_model::api::ExtensionChange;
use wigwag_model::{HangupCause, Outcome};

use crate::office::{CALLEE, CALLER, Office};

#[tokio::test]
async fn the_caller_hangs_up() {
    let office = Office::open().await;
    let (mut caller, mut callee) = office.talking(&Setup::default()).await;
    caller.hang_up().await;
    callee.closed().await;
    assert_ended(&office, Outcome::Answered, HangupCause::NormalClearing).await;
    office.api.live_calls(0).await;
}

#[tokio::test]
async fn the_callee_hangs_up() {
    let office = Office::open().await;
    let (mut caller, mut callee) = office.talking(&Setup::default()).await;
    callee.hang_up().await;
    caller.closed().await;
    assert_ended(&office, Outcome::Answered, HangupCause::NormalClearing).await;
    office.api.live_calls(0).await;
}

#[tokio::test]
async fn the_caller_gives_up() {
    let office = Office::open().await;
    let (mut caller, mut callee) = office.ringing(&Setup::default()).await;
    caller.hang_up().await;
    callee.closed().await;
    assert_ended(&office, Outcome::NoAnswer, HangupCause::CallerGaveUp).await;
    office.api.live_calls(0).await;
}

#[tokio::test]
async fn the_callee_refuses() {
    let office = Office::open().await;
    let (mut caller, mut callee) = office.ringing(&Setup::default()).await;
    callee.hang_up().await;
    let words = caller.closed().await;
    assert!(words.contains("486"), "{words}");
    assert_ended(&office, Outcome::Busy, HangupCause::Busy).await;
    office.api.live_calls(0).await;
}

#[tokio::test]
async fn nobody_answers_in_time() {
    let office = Office::open().await;
    office
        .change(
            CALLEE,
            ExtensionChange {
                ring_timeout_s: Some(5),
                ..ExtensionChange::default()
            },
        )
        .await;
    let (mut caller, mut callee) = office.ringing(&Setup::default()).await;
    let words = caller.closed().await;
    assert!(words.contains("480") || words.contains("408"), "{words}");
    callee.closed().await;
    assert_ended(&office, Outcome::NoAnswer, HangupCause::NoAnswer).await;
}

#[tokio::test]
async fn the_callee_is_on_the_phone_without_call_waiting() {
    let office = Office::open().await;
    office
        .change(
            CALLEE,
            ExtensionChange {
                call_waiting: Some(false),
                ..ExtensionChange::default()
            },
        )
        .await;
    let (mut caller, mut callee) = office.two_phones(&Setup::default()).await;
    callee.dial("*52").await;
    callee.established().await;
    caller.dial(office.number(CALLEE)).await;
    let words = caller.closed().await;
    assert!(words.contains("486"), "{words}");
    assert_ended(&office, Outcome::Busy, HangupCause::Busy).await;
}

#[tokio::test]
async fn no_phone_is_connected() {
    let office = Office::open().await;
    let mut caller = office.phone(CALLER, &Setup::default()).await;
    caller.dial(office.number(CALLEE)).await;
    let words = caller.closed().await;
    assert!(words.contains("480"), "{words}");
    assert_ended(&office, Outcome::Failed, HangupCause::NoDevice).await;
}

#[tokio::test]
async fn nobody_has_the_number() {
    let office = Office::open().await;
    let mut caller = office.phone(CALLER, &Setup::default()).await;
    caller.dial("888").await;
    let words = caller.closed().await;
    assert!(words.contains("404"), "{words}");
    assert_ended(&office, Outcome::Failed, HangupCause::UnknownNumber).await;
}

async fn assert_ended(office: &Office, outcome: Outcome, cause: HangupCause) {
    let call = office.only_call().await;
    assert_eq!((call.outcome, call.cause), (outcome, cause));
    assert_eq!(call.answered_at.is_some(), outcome == Outcome::Answered);
    office.story(&call).await;
}
