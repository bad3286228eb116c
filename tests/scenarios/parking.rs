//! Parking: who has called a parking place waits there until somebody fetches it.

use crate::office::{ALICE, BOB, CAROL, Office};

#[tokio::test]
async fn who_is_parked_is_fetched_at_another_phone() {
    let office = Office::open().await;
    let (alice, bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let mut parked = alice.dial("*85").await;
    parked.answered().await;
    let mut fetching = bob.dial("*851").await;
    fetching.answered().await;
    parked.hears(bob.hz()).await;
    fetching.hears(alice.hz()).await;
    office.api.live_calls(1).await;
    parked.hang_up().await;
    fetching.over().await;
    office.server.settle().await;
    assert_eq!(office.api.history(1).await.len(), 1);
}

#[tokio::test]
async fn places_are_taken_one_after_the_other_and_an_empty_one_is_told_so() {
    let office = Office::open().await;
    let (alice, bob, carol) = (
        office.phone(ALICE).await,
        office.phone(BOB).await,
        office.phone(CAROL).await,
    );
    let (mut first, mut second) = (alice.dial("*85").await, bob.dial("*85").await);
    first.answered().await;
    second.answered().await;
    let mut empty = carol.dial("*853").await;
    empty.answered().await;
    empty.over().await;
    first.hang_up().await;
    office.api.live_calls(1).await;
    second.hang_up().await;
    office.server.settle().await;
}
