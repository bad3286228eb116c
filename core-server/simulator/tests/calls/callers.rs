//! What a caller says of itself, and does.

use wigwag_model::{IdentityHeader, NumberFormat};
use wigwag_simulator::{CallIn, Caller, tone_hz};
use wigwag_sip::session::EndedBy;

use crate::stage::{Stage, within};

#[tokio::test]
async fn what_an_exchange_sends_is_told() {
    let stage = Stage::new().await;
    let call = CallIn {
        from: Caller::Withheld,
        network_number: Some("+447700900123".to_owned()),
        identity: IdentityHeader::RemotePartyId,
        format: NumberFormat::DoubleZero,
        diverted_by: Some("+441632960700".to_owned()),
        ..CallIn::new("+441632960161", stage.way())
    };
    let mut call = stage.makes(call).await;
    within(call.over()).await;
    let seen = within(stage.carrier.sees(|_| true)).await;
    assert_eq!(seen.called, "00441632960161");
    assert!(seen.from.contains("<sip:anonymous@anonymous.invalid>"));
    assert_eq!(seen.privacy.as_deref(), Some("id"));
    assert_eq!(
        seen.remote_party_id,
        ["<sip:00447700900123@carrier.example>;party=calling;screen=yes;privacy=full"]
    );
    assert_eq!(
        seen.diversion,
        ["<sip:00441632960700@carrier.example>;reason=unconditional"]
    );
    assert!(seen.p_asserted_identity.is_empty());
    stage.end().await;
}

#[tokio::test]
async fn a_caller_presses_keys_and_hangs_up() {
    let stage = Stage::new().await;
    let call = CallIn {
        keys: ",12#".to_owned(),
        hang_up_after_ms: Some(2000),
        ..CallIn::new("01632960150", stage.way())
    };
    let mut call = stage.makes(call).await;
    within(stage.carrier.sees(|call| call.keys == "12#")).await;
    assert_eq!(within(call.over()).await.by, EndedBy::Local);
    stage.end().await;
}

#[tokio::test]
async fn a_caller_lets_the_other_side_make_the_offer() {
    let stage = Stage::new().await;
    let call = CallIn {
        without_offer: true,
        ..CallIn::new("01632960150", stage.way())
    };
    let mut call = stage.makes(call).await;
    within(call.hears(tone_hz("01632960150"))).await.expect("it talks");
    stage.end().await;
}

#[tokio::test]
async fn a_caller_presses_holds_and_takes_back_on_command() {
    let stage = Stage::new().await;
    let mut call = stage.calls("01632960150").await;
    within(call.answered()).await.expect("it is answered");
    call.press("5").await.expect("it is a key");
    within(stage.carrier.sees(|call| call.keys == "5")).await;
    call.hold().await;
    within(stage.carrier.sees(|call| call.is_held)).await;
    call.take_back().await;
    within(stage.carrier.sees(|call| !call.is_held)).await;
    assert!(call.press("5x").await.is_err());
    stage.end().await;
}
