//! Scenarios written by hand and played by sipp: messages as no phone of ours would write them.

use harness::{Setup, Sipp};
use wigwag_model::{HangupCause, Outcome};

use crate::office::{CALLEE, CALLER, Office};

#[tokio::test]
async fn sipp_registers_and_unregisters() {
    let office = Office::open().await;
    let password = &office.server.extension(CALLER).sip_password;
    registering(&office, scenario!("register"), password)
        .play()
        .await
        .expect_success();
}

#[tokio::test]
async fn sipp_is_refused_with_a_wrong_password() {
    let office = Office::open().await;
    registering(&office, scenario!("wrong_password"), "wrong")
        .play()
        .await
        .expect_success();
}

#[tokio::test]
async fn sipp_calls_a_phone_and_hangs_up() {
    let office = Office::open().await;
    calling(
        &office,
        Sipp::scenario(scenario!("call"), office.server.ready().sip.udp),
    )
    .await;
}

#[tokio::test]
async fn sipp_calls_a_phone_over_tcp() {
    let office = Office::open().await;
    calling(
        &office,
        Sipp::scenario(scenario!("call"), office.server.ready().sip.tcp).over_tcp(),
    )
    .await;
}

#[tokio::test]
async fn sipp_insists_on_confirming_that_it_rings_and_gives_up() {
    let office = Office::open().await;
    let _callee = office.phone(CALLEE, &Setup::default()).await;
    let caller = office.server.extension(CALLER);
    let sip = &office.server.ready().sip;
    Sipp::scenario(scenario!("confirmed"), sip.udp)
        .field(&caller.sip_username)
        .field(&sip.domain)
        .field(office.number(CALLEE))
        .credentials(&caller.sip_username, &caller.sip_password, &sip.domain)
        .play()
        .await
        .expect_success();
}

#[tokio::test]
async fn sipp_watches_a_lamp_and_takes_it_back() {
    let office = Office::open().await;
    let sip = &office.server.ready().sip;
    let (watcher, watched) = (office.server.extension(CALLER), office.server.extension(CALLEE));
    Sipp::scenario(scenario!("lamp"), sip.udp)
        .field(&watcher.sip_username)
        .field(&sip.domain)
        .credentials(&watcher.sip_username, &watcher.sip_password, &sip.domain)
        .field(&watched.number)
        .play()
        .await
        .expect_success();
}

fn registering(office: &Office, scenario: &std::path::Path, password: &str) -> Sipp {
    let username = &office.server.extension(CALLER).sip_username;
    let sip = &office.server.ready().sip;
    let scenario = Sipp::scenario(scenario, sip.udp).field(username).field(&sip.domain);
    scenario.credentials(username, password, &sip.domain)
}

async fn calling(office: &Office, scenario: Sipp) {
    let _callee = office
        .phone(
            CALLEE,
            &Setup {
                answers_itself: true,
                ..Setup::default()
            },
        )
        .await;
    let extension = office.server.extension(CALLER);
    let (domain, number) = (&office.server.ready().sip.domain, office.number(CALLEE));
    let scenario = scenario
        .field(&extension.sip_username)
        .field(domain)
        .field(number)
        .credentials(
            &extension.sip_username,
            &extension.sip_password,
            &format!("{number}@{domain}"),
        );
    scenario.play().await.expect_success();
    let call = office.only_call().await;
    assert_eq!(
        (call.outcome, call.cause),
        (Outcome::Answered, HangupCause::NormalClearing)
    );
}
