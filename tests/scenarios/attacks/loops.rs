//! Requests that come back, by two ways, or from too far.

use harness::Letter;
use wigwag_sip::wire::header::MaxForwards;
use wigwag_sip::wire::{HeaderName, Method};

use super::devices::Handset;
use crate::office::{ALICE, BOB, Office};

#[tokio::test]
async fn an_invite_that_comes_by_two_ways_is_one_call() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (mut caller, mut callee) = (
        Handset::register(&office, ALICE).await,
        Handset::register(&office, BOB).await,
    );
    let mut letter = caller.letter(Method::Invite, &office.account(BOB).uri());
    let challenge = caller.stranger.ask(&mut letter).await;
    let (first, second) = (
        caller.prove(&challenge, &letter, 1),
        caller.prove(&challenge, &letter, 2),
    );
    let signed = caller.stranger.post_with(&mut letter, &first).await;
    let ringing = callee.stranger.request().await;
    assert_eq!(ringing.method(), &Method::Invite);
    let twin = String::from_utf8(signed.bytes().to_vec()).expect("it is text");
    let twin = twin
        .replace(&first, &second)
        .replace("branch=z9hG4bK", "branch=z9hG4bKtwin");
    caller.stranger.send(twin).await;
    let merged = caller.stranger.answer().await;
    assert_eq!(merged.status().as_u16(), 482);
    assert_eq!(office.server.figures().await.of("wigwag_sip_merged_total"), 1);
    assert_eq!(
        office.server.figures().await.of("wigwag_calls"),
        2,
        "one call and the bystanders'"
    );
    callee.answer(&ringing, 486).await;
    assert_eq!(caller.stranger.answer().await.status().as_u16(), 486);
    caller.stranger.acknowledge(&mut letter).await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_call_has_one_hop_less_behind_us_than_before() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (mut caller, mut callee) = (
        Handset::register(&office, ALICE).await,
        Handset::register(&office, BOB).await,
    );
    for (before, behind) in [(70, 69), (2, 1), (1, 0), (255, 69)] {
        let mut letter = caller.letter(Method::Invite, &office.account(BOB).uri());
        letter.hops = before;
        let challenge = caller.stranger.ask(&mut letter).await;
        let proof = caller.prove(&challenge, &letter, 1);
        caller.stranger.post_with(&mut letter, &proof).await;
        let ringing = callee.stranger.request().await;
        assert_eq!(ringing.require::<MaxForwards>().map(|hops| hops.hops()), Ok(behind));
        callee.answer(&ringing, 486).await;
        assert_eq!(callee.stranger.request().await.method(), &Method::Ack);
        assert_eq!(caller.stranger.answer().await.status().as_u16(), 486);
    }
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_phone_that_challenges_us_again_and_again_learns_nothing_and_ends_the_attempt() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let caller = office.phone(ALICE).await;
    let mut callee = Handset::register(&office, BOB).await;
    let mut outgoing = caller.dial(office.number(BOB)).await;
    let ringing = callee.stranger.request().await;
    callee.answer(&ringing, 407).await;
    let next = callee.stranger.request().await;
    assert_eq!(next.method(), &Method::Ack, "and no second INVITE with a digest");
    assert!(next.header(HeaderName::ProxyAuthorization).is_none() && next.header(HeaderName::Authorization).is_none());
    outgoing.refused().await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn whoever_names_somebody_elses_call_cannot_take_it_over() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut caller = Handset::register(&office, ALICE).await;
    for replaces in [
        "abc;to-tag=1;from-tag=2",
        "x@wigwag.localhost;to-tag=none;from-tag=none;early-only",
    ] {
        let mut letter = caller.letter(Method::Invite, &office.account(BOB).uri());
        letter = letter.with(HeaderName::Replaces, replaces);
        let account = caller.account.clone();
        assert_eq!(
            caller.stranger.ask_as(&mut letter, &account).await.status().as_u16(),
            481
        );
    }
    let mut letter = Letter::new(Method::Refer, &caller.account.uri(), &office.account(BOB).uri());
    letter = letter.with(HeaderName::ReferTo, "<sip:999@wigwag.localhost>");
    let account = caller.account.clone();
    assert_eq!(
        caller.stranger.ask_as(&mut letter, &account).await.status().as_u16(),
        405
    );
    bystanders.part().await;
    office.server.settle().await;
}
