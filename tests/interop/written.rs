//! Scenarios written by hand and played by sipp: what no well-behaved phone would send in this order.

use harness::{Setup, Sipp};
use wigwag_model::{HangupCause, Outcome};

use crate::office::{CALLEE, CALLER, Office};

#[tokio::test]
async fn sipp_registers_and_unregisters() {
    let office = Office::open().await;
    let extension = office.server.extension(CALLER);
    let scenario = Sipp::scenario(scenario!("register"), office.server.ready().sip.udp)
        .field(&extension.sip_username)
        .field(&office.server.ready().sip.domain)
        .credentials(&extension.sip_username, &extension.sip_password);
    scenario.play().await.expect_success();
}

#[tokio::test]
async fn sipp_is_refused_with_a_wrong_password() {
    let office = Office::open().await;
    let extension = office.server.extension(CALLER);
    let scenario = Sipp::scenario(scenario!("wrong_password"), office.server.ready().sip.udp)
        .field(&extension.sip_username)
        .field(&office.server.ready().sip.domain)
        .credentials(&extension.sip_username, "not-the-password");
    scenario.play().await.expect_success();
}

#[tokio::test]
async fn sipp_calls_a_phone_and_hangs_up() {
    let office = Office::open().await;
    let _callee = office
        .phone(
            CALLEE,
            &Setup {
                answers_itself: true,
                ..Setup::default()
            },
        )
        .await;
    call(&office, false).await;
}

#[tokio::test]
async fn sipp_calls_a_phone_over_tcp() {
    let office = Office::open().await;
    let _callee = office
        .phone(
            CALLEE,
            &Setup {
                answers_itself: true,
                ..Setup::default()
            },
        )
        .await;
    call(&office, true).await;
}

async fn call(office: &Office, tcp: bool) {
    let extension = office.server.extension(CALLER);
    let sip = &office.server.ready().sip;
    let scenario = Sipp::scenario(scenario!("call"), if tcp { sip.tcp } else { sip.udp });
    let scenario = if tcp { scenario.over_tcp() } else { scenario };
    let scenario = scenario
        .field(&extension.sip_username)
        .field(&sip.domain)
        .field(office.number(CALLEE))
        .credentials(&extension.sip_username, &extension.sip_password);
    scenario.play().await.expect_success();
    let call = office.only_call().await;
    assert_eq!(
        (call.outcome, call.cause),
        (Outcome::Answered, HangupCause::NormalClearing)
    );
}
