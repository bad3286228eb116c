//! Storms inside calls: proposals without end, and answers that nobody acknowledges.

use wigwag_sip::wire::{Method, Response};

use super::devices::Handset;
use crate::office::{ALICE, Office};

#[tokio::test]
async fn answers_that_are_never_acknowledged_end_their_calls() {
    let office = Office::open().await;
    let mut bystanders = office.bystanders().await;
    let mut caller = Handset::register(&office, ALICE).await;
    let echo = caller.account.uri_of("*52");
    for _ in 0..10 {
        let mut letter = caller.letter(Method::Invite, &echo);
        let account = caller.account.clone();
        let answer = caller.stranger.ask_as(&mut letter, &account).await;
        assert!(answer.status().is_success());
    }
    assert_eq!(office.server.figures().await.of("wigwag_calls"), 11);
    office
        .server
        .figures_with("the calls end by themselves", |figures| figures.of("wigwag_calls") == 1)
        .await;
    bystanders.hear_each_other().await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_storm_of_proposals_in_a_call_is_answered_one_by_one_and_hurts_only_that_call() {
    let office = Office::open().await;
    let mut bystanders = office.bystanders().await;
    let mut caller = Handset::register(&office, ALICE).await;
    let mut letter = caller.letter(Method::Invite, &caller.account.uri_of("*52"));
    let account = caller.account.clone();
    let answer = caller.stranger.ask_as(&mut letter, &account).await;
    assert_eq!(status_of(&answer), 200);
    letter.enter(&answer);
    caller.stranger.acknowledge(&mut letter).await;
    for _ in 0..1_000 {
        caller.stranger.post(&mut letter).await;
    }
    bystanders.hear_each_other().await;
    letter.method = Method::Bye;
    let bye = caller.stranger.post(&mut letter).await;
    let answer = caller.stranger.insist(&bye).await;
    assert!([200, 481].contains(&status_of(&answer)), "{}", status_of(&answer));
    bystanders.part().await;
    office.server.settle().await;
}

fn status_of(response: &Response) -> u16 {
    response.status().as_u16()
}
