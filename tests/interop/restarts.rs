//! The server ends and comes back: calls end properly, and phones need not notice.

use harness::Setup;
use wigwag_model::Outcome;

use crate::office::Office;

#[tokio::test]
async fn ctrl_c_ends_calls_and_the_history_knows_them() {
    let mut office = Office::open_with_lasting_ports().await;
    let (mut caller, mut callee) = office.talking(&Setup::default()).await;
    office.server.interrupt().await;
    caller.closed().await;
    callee.closed().await;
    office.server.restart().await;
    assert_eq!(office.only_call().await.outcome, Outcome::Answered);
}

#[tokio::test]
async fn phones_stay_registered_over_a_restart() {
    let mut office = Office::open_with_lasting_ports().await;
    let (mut caller, mut callee) = office.two_phones(&Setup::default()).await;
    office.server.restart().await;
    office.connect(&mut caller, &mut callee).await;
}

#[tokio::test]
async fn a_call_that_was_running_at_a_crash_is_closed_at_the_next_start() {
    let mut office = Office::open_with_lasting_ports().await;
    let _phones = office.talking(&Setup::default()).await;
    office.server.crash_and_restart().await;
    let call = office.only_call().await;
    assert_eq!(call.cause, wigwag_model::HangupCause::ServerRestarted);
}

#[tokio::test]
async fn accounts_and_passwords_are_the_same_after_a_restart() {
    let mut office = Office::open_with_lasting_ports().await;
    let before = office.server.ready().extensions.clone();
    office.server.restart().await;
    assert_eq!(office.server.ready().extensions, before);
}
