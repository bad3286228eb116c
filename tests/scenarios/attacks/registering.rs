//! Registrations that ask for too much, or for somebody else's place.

use harness::Letter;
use wigwag_sip::wire::header::Contact;
use wigwag_sip::wire::{HeaderName, Method, Response};

use crate::office::{ALICE, BOB, Office};

#[tokio::test]
async fn contacts_that_lead_nowhere_or_back_to_us_are_refused() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let alice = office.account(ALICE);
    let before = office.server.figures().await.of("wigwag_registrations");
    let udp = office.server.ready().sip.udp;
    let ourselves = format!("<sip:x@{udp}>");
    let crowd = (0..1_000).map(|n| format!("<sip:x@127.0.0.1:{}>", 10_000 + n));
    let crowd = crowd.collect::<Vec<_>>().join(", ");
    for contact in [
        ourselves.as_str(),
        "<sip:x@wigwag.localhost>",
        "<tel:+882123456789>",
        "<mailto:x@example.com>",
        "*",
        &format!("<sip:x@127.0.0.1:9>, {ourselves}"),
        &crowd,
    ] {
        let mut letter = Letter::new(Method::Register, &alice.uri(), &alice.uri()).without_contact();
        letter = letter.with(HeaderName::Contact, contact);
        letter.uri = format!("sip:{}", alice.domain);
        let status = status_of(&stranger.ask_as(&mut letter, &alice).await);
        assert!(
            (400..500).contains(&status) || status == 513,
            "{status} for {contact:.60}"
        );
    }
    assert_eq!(office.server.figures().await.of("wigwag_registrations"), before);
    let caller = office.phone(BOB).await;
    assert_eq!(caller.dial(office.number(ALICE)).await.refused().await, 480);
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_star_with_expires_0_takes_away_ones_own_contacts_only() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (phone, mut other) = (office.phone(ALICE).await, office.phone(BOB).await);
    let mut stranger = office.stranger().await;
    let alice = office.account(ALICE);
    let mut letter = Letter::new(Method::Register, &alice.uri(), &alice.uri()).without_contact();
    letter = letter.with(HeaderName::Contact, "*").with(HeaderName::Expires, "0");
    letter.uri = format!("sip:{}", alice.domain);
    let answer = stranger.ask_as(&mut letter, &alice).await;
    assert_eq!(status_of(&answer), 200);
    assert_eq!(answer.typed_all::<Contact>().map(|contacts| contacts.len()), Ok(0));
    let mut outgoing = phone.dial(office.number(BOB)).await;
    other.rings().await.refuse(486);
    assert_eq!(outgoing.refused().await, 486, "whose place is Bob's");
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn names_and_proofs_that_are_none_are_asked_again_or_refused() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let alice = office.account(ALICE);
    let mut letter = Letter::new(Method::Register, &alice.uri(), &alice.uri());
    letter.uri = format!("sip:{}", alice.domain);
    let long = format!("username=\"{}", "9".repeat(4_096));
    let name = format!("username=\"{}", alice.username);
    for (part, other) in [
        ("cnonce=\"", "xnonce=\""),
        ("nc=0000000", "nc=zzzzzzz"),
        ("nc=00000001", "nc=99999999999999999999"),
        ("algorithm=MD5", "algorithm=SHA-256"),
        ("algorithm=MD5", "algorithm=MD5-sess"),
        (&name, "username=\"\0"),
        (&name, "username=\"\\\""),
        (&name, &long),
        ("response=\"", "response=\"\u{e9}"),
        ("uri=\"sip:", "uri=\"sips:"),
    ] {
        let challenge = stranger.ask(&mut letter).await;
        let good = alice
            .proof(&challenge, &Method::Register, &letter.uri, "x")
            .expect("a challenge");
        let bad = good.replacen(part, other, 1);
        assert_ne!(good, bad, "{good} has no {part}");
        let status = status_of(&stranger.ask_with(&mut letter, &bad).await);
        assert!([400, 401, 403].contains(&status), "{status} for {other:.40}");
    }
    let status = status_of(&stranger.ask_as(&mut letter, &alice).await);
    assert_eq!(status, 200, "and nobody is locked out by that");
    bystanders.part().await;
    office.server.settle().await;
}

fn status_of(response: &Response) -> u16 {
    response.status().as_u16()
}
