//! Connections that break, hang or come back, and what becomes of the phones and calls on them.

use harness::{Letter, Stranger};
use wigwag_sip::wire::Method;

use crate::office::{ALICE, BOB, Office, connect};

#[tokio::test]
async fn a_call_goes_on_when_a_phone_loses_its_connection_and_comes_back_on_another() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (alice, mut bob) = (office.phone_over_tcp(ALICE).await, office.phone(BOB).await);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    alice.loses_its_connection();
    incoming.hears(alice.hz()).await;
    assert_eq!(alice.registers().await.status(), 200);
    incoming.hold().await;
    outgoing.held().await;
    incoming.resume().await;
    outgoing.hears(bob.hz()).await;
    incoming.hang_up().await;
    outgoing.over().await;
    let trace = office.story(1).await;
    let lost = "The connection of leg 0 is gone";
    assert!(
        trace.decision.iter().any(|step| step.text.expose().starts_with(lost)),
        "{trace:#?}"
    );
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn whoever_has_lost_the_connection_can_still_hang_up() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone_over_tcp(ALICE).await, office.phone(BOB).await);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    alice.loses_its_connection();
    outgoing.hears(bob.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_phone_is_no_longer_registered_once_its_connection_is_gone() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone_over_tcp(BOB).await);
    bob.loses_its_connection();
    let gone = |figures: &harness::Figures| figures.of("wigwag_registrations") == 1;
    office.server.figures_with("the registration ends", gone).await;
    assert_eq!(alice.dial(office.number(BOB)).await.refused().await, 480);
    assert_eq!(bob.registers().await.status(), 200);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hang_up().await;
    incoming.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_phone_that_hangs_at_the_end_of_its_connection_does_not_keep_another_from_answering() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (alice, mut desk) = (office.phone(ALICE).await, office.phone(BOB).await);
    let account = office.account(BOB);
    let mut hung = Stranger::over_tcp(office.server.ready().sip.tcp).await;
    let mut register = Letter::new(Method::Register, &account.uri(), &account.uri());
    register.uri = format!("sip:{}", account.domain);
    assert_eq!(hung.ask_as(&mut register, &account).await.status().as_u16(), 200);
    let (mut outgoing, mut incoming) = connect(&alice, &mut desk, office.number(BOB)).await;
    outgoing.hears(desk.hz()).await;
    incoming.hears(alice.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    bystanders.part().await;
    office.server.settle().await;
}
