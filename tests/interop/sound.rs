//! A tone said at one phone is heard at the other, in both directions, in every codec that two phones share.

use harness::{Codec, Setup};
use wigwag_model::{HangupCause, Outcome};

use crate::office::{CALLEE, Office, assert_they_hear_each_other, with_codec};

#[tokio::test]
async fn two_phones_hear_each_other_in_mu_law() {
    assert_a_call_with(Codec::Pcmu).await;
}

#[tokio::test]
async fn two_phones_hear_each_other_in_a_law() {
    assert_a_call_with(Codec::Pcma).await;
}

#[tokio::test]
async fn two_phones_hear_each_other_in_g722() {
    assert_a_call_with(Codec::G722).await;
}

#[tokio::test]
async fn two_phones_hear_each_other_in_opus() {
    assert_a_call_with(Codec::Opus).await;
}

#[tokio::test]
async fn two_phones_without_a_codec_in_common_are_told_so() {
    let office = Office::open().await;
    let mut caller = office.phone(0, &with_codec(Codec::Opus)).await;
    let callee = office.phone(CALLEE, &with_codec(Codec::Pcma)).await;
    caller.dial(office.number(CALLEE)).await;
    assert!(caller.closed().await.contains("488"));
    assert_eq!(office.only_call().await.cause, HangupCause::NoCommonCodec);
    drop(callee);
}

#[tokio::test]
async fn the_echo_test_returns_what_is_said() {
    let office = Office::open().await;
    let mut caller = office.phone(0, &Setup::default()).await;
    caller.dial("*52").await;
    caller.established().await;
    caller.hears(440).await;
}

#[tokio::test]
async fn keys_pressed_at_one_phone_reach_the_other() {
    let office = Office::open().await;
    let (mut caller, mut callee) = office.talking(&Setup::default()).await;
    caller.press("7").await;
    assert_eq!(callee.event(harness::EventKind::KeyPressed).await.text, "7");
}

async fn assert_a_call_with(codec: Codec) {
    let office = Office::open().await;
    let (mut caller, mut callee) = office.talking(&with_codec(codec)).await;
    assert_they_hear_each_other(&mut caller, &mut callee).await;
    caller.hang_up().await;
    callee.closed().await;
    let call = office.only_call().await;
    assert_eq!(
        (call.outcome, call.cause),
        (Outcome::Answered, HangupCause::NormalClearing)
    );
    assert_eq!(call.dialled.expose(), office.number(CALLEE));
    let callee = call.callee.as_ref().expect("somebody was called");
    assert_eq!(callee.number.expose(), office.number(CALLEE));
    for leg in &call.legs {
        let media = leg.media.expect("sound was measured");
        assert!(
            media.packets_received > 0 && media.packets_sent > 0 && media.packets_lost == 0,
            "{media:?}"
        );
    }
    office.story(&call).await;
}
