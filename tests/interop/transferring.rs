//! Call transfer as handsets do it.

use harness::{Says, Setup};
use wigwag_model::Outcome;

use crate::office::{CALLEE_HZ, CALLER_HZ, Office};

/// The extension that calls are sent to, by its place in the demo company.
const THIRD: usize = 2;
const THIRD_HZ: u32 = 880;

#[tokio::test]
async fn a_handset_sends_its_caller_on_to_a_colleague() {
    let office = Office::open().await;
    let (mut caller, mut callee) = office.talking(&Setup::default()).await;
    caller.hears(CALLEE_HZ).await;
    let setup = Setup {
        says: Says::Tone(THIRD_HZ),
        answers_itself: true,
        ..Setup::default()
    };
    let mut third = office.phone(THIRD, &setup).await;
    let target = format!("sip:{}@{}", office.number(THIRD), office.server.ready().sip.domain);
    callee.transfer(&target).await;
    caller.hears(THIRD_HZ).await;
    third.hears(CALLER_HZ).await;
    callee.closed().await;
    caller.hang_up().await;
    third.closed().await;
    assert_eq!(office.only_call().await.outcome, Outcome::Answered);
}
