//! A call that rings elsewhere is answered by a star code (features.md S223–S225, decisions A08, A09).

use wigwag_model::Outcome;

use crate::{
    credentials::{FOREIGN, two_companies},
    office::{ALICE, BOB, CAROL, Office},
};

/// Alice calls Bob, and Carol dials `code`.
async fn picked_up_by(code: &str) {
    let office = Office::open().await;
    let (alice, mut bob, carol) = (
        office.phone(ALICE).await,
        office.phone(BOB).await,
        office.phone(CAROL).await,
    );
    let mut outgoing = alice.dial(office.number(BOB)).await;
    let mut at_bobs = bob.rings().await;
    outgoing.rings().await;
    let mut picked = carol.dial(code).await;
    picked.answered().await;
    outgoing.answered().await;
    let reasons = at_bobs.over().await.reasons;
    assert!(reasons.iter().any(|reason| reason.contains("cause=200")), "{reasons:?}");
    outgoing.hears(carol.hz()).await;
    picked.hears(alice.hz()).await;
    let live = office.api.live_calls(1).await;
    assert_eq!(live[0].legs.len(), 2, "one call is shown, with both: {live:?}");
    picked.hang_up().await;
    outgoing.over().await;
    let call = office.last_call(1).await;
    assert_eq!(call.outcome, Outcome::Answered);
    let callee = call.callee.expect("somebody answered");
    assert_eq!(callee.number.expose(), office.number(CAROL));
    office.server.settle().await;
    assert_eq!(office.api.history(1).await.len(), 1, "one row tells of it");
}

#[tokio::test]
async fn s223_whoever_rings_is_picked_up() {
    picked_up_by("*21").await;
}

#[tokio::test]
async fn s224_an_extension_is_picked_up_by_its_short_number() {
    let number = Office::open().await.number(BOB).to_owned();
    picked_up_by(&format!("**{number}")).await;
}

#[tokio::test]
async fn s225_an_extension_is_picked_up_by_its_username() {
    let office = Office::open().await;
    let (alice, mut bob, carol) = (
        office.phone(ALICE).await,
        office.phone(BOB).await,
        office.phone(CAROL).await,
    );
    let mut outgoing = alice.dial(office.number(BOB)).await;
    let mut at_bobs = bob.rings().await;
    let mut picked = carol.dial(&format!("**{}", office.account(BOB).username)).await;
    picked.answered().await;
    outgoing.answered().await;
    at_bobs.over().await;
    outgoing.hang_up().await;
    picked.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn what_nobody_calls_is_not_picked_up_and_a_tone_says_so() {
    let office = Office::open().await;
    let carol = office.phone(CAROL).await;
    let mut picked = carol.dial("*21").await;
    picked.answered().await;
    picked.over().await;
    office.server.settle().await;
}

#[tokio::test]
async fn s223_the_calls_of_another_company_are_not_picked_up() {
    let office = two_companies().await;
    let (alice, mut bob, stranger) = (
        office.phone(ALICE).await,
        office.phone(BOB).await,
        office.phone(FOREIGN).await,
    );
    let mut outgoing = alice.dial(office.number(BOB)).await;
    let mut at_bobs = bob.rings().await;
    let mut nothing = stranger.dial("*21").await;
    nothing.answered().await;
    nothing.over().await;
    at_bobs.answer().await;
    outgoing.answered().await;
    outgoing.hears(bob.hz()).await;
    outgoing.hang_up().await;
    at_bobs.over().await;
    office.server.settle().await;
}
