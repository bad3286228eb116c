//! Everyday calls between phones of our own: the ground that all other scenarios stand on.

use wigwag_model::api::{ExtensionChange, LiveLegState};
use wigwag_model::{HangupCause, Outcome};

use crate::office::{ALICE, BOB, CAROL, Office, connect, tone_of};

#[tokio::test]
async fn two_people_call_each_other_and_one_hangs_up() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    assert!(
        incoming.caller().contains(office.number(ALICE)),
        "{}",
        incoming.caller()
    );
    outgoing.hears(bob.hz()).await;
    incoming.hears(alice.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    let call = office.last_call(1).await;
    assert_eq!(
        (call.outcome, call.cause),
        (Outcome::Answered, HangupCause::NormalClearing)
    );
    office.server.settle().await;
}

#[tokio::test]
async fn a_call_over_tcp_is_heard_in_both_directions() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone_over_tcp(ALICE).await, office.phone_over_tcp(BOB).await);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hears(bob.hz()).await;
    incoming.hears(alice.hz()).await;
    incoming.hang_up().await;
    outgoing.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn whoever_is_on_hold_hears_nothing_until_taken_back() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    incoming.hears(alice.hz()).await;
    outgoing.hold().await;
    incoming.held().await;
    let live = office
        .api
        .live_call(|call| call.legs[0].state == LiveLegState::Holding)
        .await;
    assert_eq!(live.legs[1].state, LiveLegState::Answered);
    outgoing.resume().await;
    incoming.taken_back().await;
    incoming.hears(alice.hz()).await;
    outgoing.hears(bob.hz()).await;
    incoming.hold().await;
    outgoing.held().await;
    incoming.hang_up().await;
    outgoing.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn two_devices_that_answer_at_once_get_one_call() {
    let office = Office::open().await;
    let alice = office.phone(ALICE).await;
    let (mut desk, mut mobile) = (office.phone(BOB).await, office.phone(BOB).await);
    let mut outgoing = alice.dial(office.number(BOB)).await;
    let (mut at_desk, mut at_mobile) = (desk.rings().await, mobile.rings().await);
    tokio::join!(at_desk.answer(), at_mobile.answer());
    outgoing.answered().await;
    let (mut winner, loser) = tokio::select! {
        _ = at_desk.over() => (at_mobile, at_desk),
        _ = at_mobile.over() => (at_desk, at_mobile),
    };
    let reasons = loser.state().over.expect("it is over").reasons;
    assert!(reasons.iter().any(|reason| reason.contains("cause=200")), "{reasons:?}");
    outgoing.hears(tone_of(BOB)).await;
    winner.hears(alice.hz()).await;
    outgoing.hang_up().await;
    winner.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn everybody_hears_why_they_are_not_put_through() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    assert_eq!(alice.dial("299").await.refused().await, 404);
    assert_eq!(alice.dial(office.number(CAROL)).await.refused().await, 480);
    assert_eq!(alice.dial("02079460000").await.refused().await, 403);
    let mut declined = alice.dial(office.number(BOB)).await;
    bob.rings().await.refuse(603);
    assert_eq!(declined.refused().await, 603);
    let mut busy = alice.dial(office.number(BOB)).await;
    bob.rings().await.refuse(486);
    assert_eq!(busy.refused().await, 486);
    let mut given_up = alice.dial(office.number(BOB)).await;
    given_up.rings().await;
    let mut ringing = bob.rings().await;
    given_up.hang_up().await;
    ringing.over().await;
    let history = office.api.history(6).await;
    let causes: Vec<HangupCause> = history.iter().map(|call| call.cause).collect();
    assert_eq!(
        causes,
        [
            HangupCause::CallerGaveUp,
            HangupCause::Busy,
            HangupCause::Declined,
            HangupCause::NotAllowed,
            HangupCause::NoDevice,
            HangupCause::UnknownNumber,
        ]
    );
    office.server.settle().await;
}

#[tokio::test]
async fn a_changed_ring_time_is_that_of_the_next_call() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let change = ExtensionChange {
        ring_timeout_s: Some(5),
        ..ExtensionChange::default()
    };
    office.change(BOB, change).await;
    let mut outgoing = alice.dial(office.number(BOB)).await;
    let mut incoming = bob.rings().await;
    assert_eq!(outgoing.refused().await, 480);
    incoming.over().await;
    assert_eq!(office.last_call(1).await.cause, HangupCause::NoAnswer);
    office.server.settle().await;
}

#[tokio::test]
async fn without_call_waiting_the_second_caller_hears_busy_from_the_next_call_on() {
    let office = Office::open().await;
    let (alice, mut bob, carol) = (
        office.phone(ALICE).await,
        office.phone(BOB).await,
        office.phone(CAROL).await,
    );
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    let mut second = carol.dial(office.number(BOB)).await;
    let mut waiting = bob.rings().await;
    waiting.hang_up().await;
    second.over().await;
    let change = ExtensionChange {
        call_waiting: Some(false),
        ..ExtensionChange::default()
    };
    office.change(BOB, change).await;
    assert_eq!(carol.dial(office.number(BOB)).await.refused().await, 486);
    assert!(bob.is_quiet());
    outgoing.hears(bob.hz()).await;
    incoming.hang_up().await;
    outgoing.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_removed_extension_cannot_be_called() {
    let office = Office::open().await;
    let (alice, bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    office.api.remove_extension(office.extension_id(BOB).await).await;
    assert_eq!(alice.dial(office.number(BOB)).await.refused().await, 404);
    assert!(bob.is_quiet());
    assert_eq!(bob.registers().await.status(), 403);
    office.server.settle().await;
}
