//! Texts from phone to phone of one company (RFC 3428); SMS is something else and comes later.

use harness::{Letter, SipAccount, Stranger};
use wigwag_sip::wire::{HeaderName, Method, Request, Response, StatusCode, header::From};

use crate::office::{ALICE, BOB, Office};

/// A phone that has registered, and takes what comes.
async fn registered(office: &Office, account: &SipAccount) -> Stranger {
    let mut line = office.stranger().await;
    let mut letter = Letter::new(Method::Register, &account.uri(), &account.uri());
    letter.uri = format!("sip:{}", account.domain);
    let answer = line.ask_as(&mut letter, account).await;
    assert_eq!(answer.status(), StatusCode::OK);
    line
}

fn text(account: &SipAccount, to: &str, body: impl Into<Vec<u8>>) -> Letter {
    let to = format!("sip:{to}@{}", account.domain);
    Letter::new(Method::Message, &account.uri(), &to)
        .without_contact()
        .with_body("text/plain;charset=utf-8", body)
}

/// Alice posts a text to Bob with her proof, and does not wait.
async fn post(line: &mut Stranger, letter: &mut Letter, account: &SipAccount) {
    let challenge = line.ask(letter).await;
    let cnonce = letter.word();
    let proof = account.proof(&challenge, &letter.method, &letter.uri, &cnonce);
    line.post_with(letter, &proof.expect("a challenge")).await;
}

async fn reply(line: &mut Stranger, request: &Request, status: StatusCode) {
    let response = Response::reply_to(request, status).to_tag("phone").build();
    line.send(response.bytes()).await;
}

#[tokio::test]
async fn a_text_reaches_all_phones_of_an_extension_and_its_sender_hears_so() {
    let office = Office::open().await;
    let (alice, bob) = (office.account(ALICE), office.account(BOB));
    let (mut desk, mut mobile) = (registered(&office, &bob).await, registered(&office, &bob).await);
    let mut line = office.stranger().await;
    let mut letter = text(&alice, office.number(BOB), "Tea is ready ☕");
    post(&mut line, &mut letter, &alice).await;
    let at_desk = desk.request().await;
    assert_eq!(*at_desk.method(), Method::Message);
    assert_eq!(at_desk.body(), "Tea is ready ☕");
    let from: From = at_desk.require().expect("a From");
    assert_eq!(from.uri().user().as_deref(), Some(office.number(ALICE)));
    reply(&mut desk, &at_desk, StatusCode::NOT_IMPLEMENTED).await;
    let at_mobile = mobile.request().await;
    reply(&mut mobile, &at_mobile, StatusCode::OK).await;
    assert_eq!(line.answer().await.status(), StatusCode::OK);
    office.server.settle().await;
}

#[tokio::test]
async fn a_text_that_nobody_takes_comes_back() {
    let office = Office::open().await;
    let (alice, bob) = (office.account(ALICE), office.account(BOB));
    let mut line = office.stranger().await;
    for (to, body, status) in [
        ("999", "hello".to_owned(), 404),
        (office.number(BOB), "hello".to_owned(), 480),
        (office.number(BOB), "x".repeat(1301), 413),
    ] {
        let answer = line.ask_as(&mut text(&alice, to, body), &alice).await;
        assert_eq!(answer.status().as_u16(), status, "{to}");
    }
    let picture = text(&alice, office.number(BOB), "x").with_body("image/png", "x");
    let answer = line.ask_as(&mut picture.clone(), &alice).await;
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(answer.header(HeaderName::Accept).is_some());
    let mut desk = registered(&office, &bob).await;
    let mut letter = text(&alice, office.number(BOB), "hello");
    post(&mut line, &mut letter, &alice).await;
    let brought = desk.request().await;
    reply(&mut desk, &brought, StatusCode::DECLINE).await;
    assert_eq!(line.answer().await.status(), StatusCode::DECLINE);
    office.server.settle().await;
}
