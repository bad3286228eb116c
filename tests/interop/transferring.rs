//! Call transfer as handsets do it.

use harness::{Says, Setup};
use wigwag_model::Outcome;

use crate::office::{CALLEE_HZ, CALLER, CALLER_HZ, Office};

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

#[tokio::test]
async fn a_handset_asks_a_colleague_first_and_joins_both() {
    let office = Office::open().await;
    let (mut caller, mut callee) = office.talking(&Setup::default()).await;
    caller.hears(CALLEE_HZ).await;
    let setup = Setup {
        says: Says::Tone(THIRD_HZ),
        answers_itself: true,
        ..Setup::default()
    };
    let mut third = office.phone(THIRD, &setup).await;
    let first = dialog(&callee.log());
    let domain = office.server.ready().sip.domain.clone();
    callee.dial(&format!("sip:{}@{domain}", office.number(THIRD))).await;
    callee.established().await;
    third.hears(CALLEE_HZ).await;
    // Which of the two calls the REFER is sent in is all the same.
    let target = format!("<sip:{}@{domain}?Replaces={first}>", office.number(CALLER));
    callee.transfer(&target).await;
    caller.hears(THIRD_HZ).await;
    third.hears(CALLER_HZ).await;
    callee.closed().await;
    caller.hang_up().await;
    third.closed().await;
    assert_eq!(office.only_call().await.outcome, Outcome::Answered);
}

/// The dialog of the call that a phone has answered, as its other side sees it, for the header part of a URI.
fn dialog(log: &[String]) -> String {
    let invite = log.iter().position(|line| line.starts_with("INVITE sip:"));
    let invite = &log[invite.expect("it was called")..];
    let answer = invite.iter().position(|line| line.starts_with("SIP/2.0 200"));
    let answer = &invite[answer.expect("it has answered")..];
    let value = |name: &str| {
        let line = answer.iter().find_map(|line| line.strip_prefix(name));
        line.expect("every answer has it").trim().to_owned()
    };
    let tag = |name: &str| {
        value(name)
            .rsplit_once("tag=")
            .expect("every dialog has tags")
            .1
            .to_owned()
    };
    let call_id = value("Call-ID:").replace('@', "%40");
    format!("{call_id}%3Bto-tag%3D{}%3Bfrom-tag%3D{}", tag("From:"), tag("To:"))
}
