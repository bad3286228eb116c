//! Floods: who proves nothing is answered at a rate, then refused, then ignored; everybody else is served as ever.

use std::net::{IpAddr, Ipv4Addr};

use harness::{Letter, Phone, Stranger};
use wigwag_sip::wire::{HeaderName, Method, Response};

use crate::office::{ALICE, BOB, CAROL, Office, connect, tone_of};

/// Far more than a source may ask.
const FLOOD: usize = 5_000;
/// Somewhere else than the phones.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

#[tokio::test]
async fn a_flood_of_registrations_from_one_source_does_not_keep_phones_from_registering_and_calling() {
    floods(Method::Register).await;
}

#[tokio::test]
async fn a_flood_of_calls_from_one_source_does_not_keep_phones_from_registering_and_calling() {
    floods(Method::Invite).await;
}

#[tokio::test]
async fn a_flood_of_questions_from_one_source_does_not_keep_phones_from_registering_and_calling() {
    floods(Method::Options).await;
}

async fn floods(method: Method) {
    let office = Office::open().await;
    let mut bystanders = office.bystanders().await;
    let mut flooder = Stranger::from(ELSEWHERE, office.server.ready().sip.udp).await;
    let (alice, bob) = (office.account(ALICE), office.account(BOB));
    let mut letter = Letter::new(method, &alice.uri(), &bob.uri());
    for _ in 0..FLOOD {
        flooder.post(&mut letter).await;
    }
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hears(bob.hz()).await;
    bystanders.hear_each_other().await;
    let figures = office
        .server
        .figures_with("the flood is refused and then ignored", |figures| {
            figures.of("wigwag_sip_strangers_refused_total") >= 10
                && figures.of("wigwag_sip_strangers_ignored_total") >= 100
        })
        .await;
    assert!(figures.of("wigwag_sip_transactions") < 100, "a flood keeps nothing");
    assert_eq!(figures.of("wigwag_calls"), 2);
    incoming.hang_up().await;
    outgoing.over().await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn made_up_proofs_cost_a_flooder_as_much_as_none_and_make_no_transactions() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut flooder = Stranger::from(ELSEWHERE, office.server.ready().sip.udp).await;
    let alice = office.account(ALICE);
    let proof = format!(
        "Digest username=\"{}\", realm=\"{}\", nonce=\"x\", uri=\"{}\", response=\"{}\"",
        alice.username,
        alice.domain,
        alice.uri(),
        "0".repeat(32)
    );
    let mut letter = Letter::new(Method::Invite, &alice.uri(), &alice.uri()).with(HeaderName::Authorization, proof);
    for _ in 0..FLOOD {
        flooder.post(&mut letter).await;
    }
    let figures = office
        .server
        .figures_with("the flood is ignored", |figures| {
            figures.of("wigwag_sip_strangers_ignored_total") >= 100
        })
        .await;
    assert!(
        figures.of("wigwag_sip_transactions") < 1_000,
        "what is not proven is counted before anything is kept: {}",
        figures.of("wigwag_sip_transactions")
    );
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_device_that_runs_wild_is_told_to_come_later_and_its_colleagues_are_served() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut wild = Stranger::from(ELSEWHERE, office.server.ready().sip.udp).await;
    let alice = office.account(ALICE);
    let mut letter = Letter::new(Method::Options, &alice.uri(), &alice.uri());
    let mut proofs = Vec::new();
    for n in 0..130 {
        let challenge = wild.ask(&mut letter).await;
        assert_eq!(status_of(&challenge), 401);
        let proof = alice.proof(&challenge, &Method::Options, &letter.uri, &format!("c{n}"));
        proofs.push(proof.expect("a challenge"));
    }
    for proof in &proofs {
        wild.post_with(&mut letter, proof).await;
    }
    let mut answer = wild.answer().await;
    while status_of(&answer) != 503 {
        assert_eq!(status_of(&answer), 200);
        answer = wild.answer().await;
    }
    assert!(answer.header(HeaderName::RetryAfter).is_some());
    assert!(office.server.figures().await.of("wigwag_sip_devices_refused_total") >= 1);
    let carol = office.phone(CAROL).await;
    assert_eq!(carol.dial("299").await.refused().await, 404);
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn nobody_locks_a_phone_out_by_guessing_elsewhere_and_a_locked_out_phone_still_reaches_help() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let phone = office.phone(ALICE).await;
    let mut guesser = Stranger::from(ELSEWHERE, office.server.ready().sip.udp).await;
    let (alice, wrong) = (office.account(ALICE), office.account(ALICE).with_password("wrong"));
    let help = alice.uri_of("999");
    for _ in 0..12 {
        let mut letter = Letter::new(Method::Register, &alice.uri(), &alice.uri());
        assert_eq!(status_of(&guesser.ask_as(&mut letter, &wrong).await), 403);
    }
    let mut letter = Letter::new(Method::Invite, &alice.uri(), &alice.uri());
    let locked_out = guesser.ask_as(&mut letter, &alice).await;
    assert_eq!(status_of(&locked_out), 403, "even the right password has to wait there");
    assert!(locked_out.header(HeaderName::RetryAfter).is_some());
    let mut letter = Letter::new(Method::Invite, &alice.uri(), &help).offering(guesser.address(), false);
    assert_eq!(
        status_of(&guesser.ask_as(&mut letter, &alice).await),
        502,
        "help is routed, though no emergency gateway is connected"
    );
    assert_eq!(phone.registers().await.status(), 200);
    let mistyped = Phone::new(&wrong, tone_of(ALICE));
    assert_eq!(mistyped.registers().await.status(), 403);
    assert_eq!(
        phone.registers().await.status(),
        200,
        "one mistake at home is no reason to wait"
    );
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_call_for_help_is_taken_from_the_middle_of_a_flood() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = Stranger::from(ELSEWHERE, office.server.ready().sip.udp).await;
    let alice = office.account(ALICE);
    let mut noise = Letter::new(Method::Register, &alice.uri(), &alice.uri());
    for _ in 0..FLOOD {
        stranger.post(&mut noise).await;
    }
    let mut help = Letter::new(Method::Invite, &alice.uri(), &alice.uri_of("112")).offering(stranger.address(), false);
    let request = stranger.post(&mut help).await;
    let challenge = stranger.insist(&request).await;
    assert_eq!(status_of(&challenge), 401);
    let proof = alice
        .proof(&challenge, &Method::Invite, &help.uri, "help")
        .expect("a challenge");
    let request = stranger.post_with(&mut help, &proof).await;
    assert_eq!(status_of(&stranger.insist(&request).await), 502);
    bystanders.part().await;
    office.server.settle().await;
}

fn status_of(response: &Response) -> u16 {
    response.status().as_u16()
}
