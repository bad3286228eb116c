//! Which phones ring, and who gets the call.

use harness::{Says, Setup};

use crate::office::{CALLEE, CALLEE_HZ, CALLER, CALLER_HZ, Office};

#[tokio::test]
async fn all_phones_of_an_extension_ring_and_the_first_to_answer_gets_the_call() {
    let office = Office::open().await;
    let mut caller = office
        .phone(
            CALLER,
            &Setup {
                says: Says::Tone(CALLER_HZ),
                ..Setup::default()
            },
        )
        .await;
    let mut first = office
        .phone(
            CALLEE,
            &Setup {
                says: Says::Tone(CALLEE_HZ),
                ..Setup::default()
            },
        )
        .await;
    let mut second = office.phone(CALLEE, &Setup::default()).await;
    office.ring(&mut caller, &mut first).await;
    second.incoming().await;
    first.accept().await;
    caller.established().await;
    second.closed().await;
    caller.hears(CALLEE_HZ).await;
    let log = second.log();
    assert!(
        log.iter().any(|line| line.starts_with("Reason: SIP;cause=200")),
        "call completed elsewhere: {log:#?}"
    );
}

#[tokio::test]
async fn a_phone_that_registers_while_its_extension_rings_joins() {
    let office = Office::open().await;
    let (mut caller, _first) = office.ringing(&Setup::default()).await;
    let mut late = office.phone(CALLEE, &Setup::default()).await;
    late.incoming().await;
    late.accept().await;
    caller.established().await;
}

#[tokio::test]
async fn a_second_call_waits_while_the_first_goes_on() {
    let office = Office::open().await;
    let (mut caller, mut callee) = office.two_phones(&Setup::default()).await;
    callee.dial("*52").await;
    callee.established().await;
    office.ring(&mut caller, &mut callee).await;
}
