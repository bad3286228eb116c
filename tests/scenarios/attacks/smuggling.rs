//! Headers that one reader sees and another does not, or that claim what only we may say.

use wigwag_sip::wire::{HeaderName, Method};

use super::devices::Handset;
use super::torture::{
    Fate::{Answer, Silence},
    fate_of,
};
use crate::office::{ALICE, BOB, Office};

#[tokio::test]
async fn what_a_phone_claims_about_itself_or_hides_in_headers_does_not_reach_the_other_phone() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (mut caller, mut callee) = (
        Handset::register(&office, ALICE).await,
        Handset::register(&office, BOB).await,
    );
    let mut letter = caller.letter(Method::Invite, &office.account(BOB).uri());
    let claims = [
        "P-Asserted-Identity",
        "P-Preferred-Identity",
        "Remote-Party-ID",
        "Diversion",
        "Identity",
        "Route",
        "X-Auth",
        "Alert-Info",
    ]
    .map(|name| HeaderName::new(name).expect("a name"));
    for claim in claims.iter().filter(|claim| **claim != HeaderName::Route) {
        letter = letter.with(claim.clone(), "<sip:boss@wigwag.localhost>");
    }
    let challenge = caller.stranger.ask(&mut letter).await;
    let proof = caller.prove(&challenge, &letter, 1);
    caller.stranger.post_with(&mut letter, &proof).await;
    let ringing = callee.stranger.request().await;
    for claim in &claims {
        assert_eq!(ringing.header(claim.clone()), None, "{claim:?}");
    }
    assert!(ringing.header(HeaderName::Authorization).is_none(), "proofs stay here");
    callee.answer(&ringing, 486).await;
    assert_eq!(caller.stranger.answer().await.status().as_u16(), 486);
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn headers_with_control_characters_in_their_names_are_refused_and_white_space_hides_none() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let local = stranger.address();
    let message = |header: &str, call_id: &str| {
        format!(
            "OPTIONS sip:wigwag.localhost SIP/2.0\r\nVia: SIP/2.0/UDP {local};rport;branch=z9hG4bK{call_id}\r\n\
             From: <sip:a@example.com>;tag=1\r\n{header}\r\nCall-ID: {call_id}\r\nCSeq: 1 OPTIONS\r\n\
             Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let mut wrong = Vec::new();
    for (header, fate) in [
        ("To: <sip:wigwag.localhost>", Answer(200)),
        ("To \t: <sip:wigwag.localhost>", Answer(200)),
        ("t\t:\r\n <sip:wigwag.localhost>", Answer(200)),
        ("To: <sip:wigwag.localhost>\r\nX-Auth \t: x", Answer(200)),
        (
            "To: <sip:wigwag.localhost>\r\nContact\u{1}: <sip:x@127.0.0.1>",
            Answer(400),
        ),
        ("To: <sip:wigwag.localhost>\r\nX\0Y: x", Answer(400)),
        (
            "To: <sip:wigwag.localhost>\r\nTo : <sip:somebody@example.com>",
            Answer(400),
        ),
        (
            "To: <sip:wigwag.localhost>\r\nt: <sip:somebody@example.com>",
            Answer(400),
        ),
        ("To\u{1}: <sip:wigwag.localhost>", Silence),
        ("To: <sip:wigwag.localhost>\r\n: x", Answer(400)),
    ] {
        stranger.send(message(header, "smuggled")).await;
        let got = fate_of(&mut stranger).await;
        if got != fate {
            wrong.push((header, got));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    bystanders.part().await;
    office.server.settle().await;
}
