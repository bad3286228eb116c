//! Who is it? Wrong, stolen, old and missing proofs of identity, and people who speak in somebody else's name.

use std::net::Ipv4Addr;

use harness::{Letter, Phone};
use wigwag_sip::wire::{HeaderName, Method, Response, header::WwwAuthenticate};

use crate::office::{ALICE, BOB, Office, tone_of};

const UNPROVEN: &str = "wigwag_sip_unproven_total";

#[tokio::test]
async fn unknown_names_and_wrong_passwords_look_the_same() {
    let mut office = Office::open().await;
    let bystanders = office.bystanders().await;
    let mut stranger = office.stranger().await;
    let wrong = office.account(ALICE).with_password("wrong");
    let mut unknown = wrong.clone();
    unknown.username = "999999".to_owned();
    for method in [Method::Register, Method::Invite, Method::Options, Method::Message] {
        let mut answers = Vec::new();
        for account in [&wrong, &unknown] {
            let mut letter = Letter::new(method.clone(), &account.uri(), &account.uri());
            let challenge = stranger.ask(&mut letter).await;
            let refusal = stranger.ask_as(&mut letter, account).await;
            answers.push((shape(&challenge), shape(&refusal)));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!((answers[0].0.0, answers[0].1.0), (401, 403), "{method}");
    }
    assert_eq!(office.server.figures().await.of(UNPROVEN), 8);
    office.server.says("did not prove who it is").await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_proof_counts_once() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (mut stranger, alice) = (office.stranger().await, office.account(ALICE));
    let mut letter = Letter::new(Method::Register, &alice.uri(), &alice.uri());
    letter.uri = format!("sip:{}", alice.domain);
    let challenge = stranger.ask(&mut letter).await;
    let proof = alice
        .proof(&challenge, &Method::Register, &letter.uri, "once")
        .expect("a challenge");
    assert_eq!(status_of(&stranger.ask_with(&mut letter, &proof).await), 200);
    let replayed = stranger.ask_with(&mut letter, &proof).await;
    assert_eq!((status_of(&replayed), is_stale(&replayed)), (401, true));
    let mut elsewhere = office.stranger().await;
    let stolen = elsewhere.ask_with(&mut letter, &proof).await;
    assert_eq!((status_of(&stolen), is_stale(&stolen)), (401, true));
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn an_answer_in_an_algorithm_that_nobody_asked_for_is_asked_again_and_is_no_guess() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (mut stranger, alice) = (office.stranger().await, office.account(ALICE));
    let mut unknown = alice.clone();
    unknown.username = "999999".to_owned();
    for algorithm in ["SHA-512-256", "MD5-sess", "SHA-256", "\"\"", "x"] {
        for account in [&alice, &unknown, &alice] {
            let mut letter = Letter::new(Method::Register, &account.uri(), &account.uri());
            letter.uri = format!("sip:{}", account.domain);
            let challenge = stranger.ask(&mut letter).await;
            let proof = account
                .proof(&challenge, &Method::Register, &letter.uri, "x")
                .expect("a challenge");
            let other = proof.replace("algorithm=MD5", &format!("algorithm={algorithm}"));
            assert_ne!(other, proof);
            let again = stranger.ask_with(&mut letter, &other).await;
            assert_eq!((status_of(&again), is_stale(&again)), (401, false), "{algorithm}");
        }
    }
    let mut letter = Letter::new(Method::Register, &alice.uri(), &alice.uri());
    letter.uri = format!("sip:{}", alice.domain);
    assert_eq!(
        status_of(&stranger.ask_as(&mut letter, &alice).await),
        200,
        "nobody waits"
    );
    assert_eq!(office.server.figures().await.of(UNPROVEN), 0);
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_proof_for_something_else_does_not_count() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (mut stranger, alice) = (office.stranger().await, office.account(ALICE));
    let bob = office.account(BOB).uri();
    let mut letter = Letter::new(Method::Invite, &alice.uri(), &bob).offering(stranger.address(), false);
    let challenge = stranger.ask(&mut letter).await;
    let for_another_method = alice
        .proof(&challenge, &Method::Options, &bob, "x")
        .expect("a challenge");
    assert_eq!(
        status_of(&stranger.ask_with(&mut letter, &for_another_method).await),
        403
    );
    let for_another_address = alice
        .proof(&challenge, &Method::Invite, &alice.uri(), "x")
        .expect("a challenge");
    assert_eq!(
        status_of(&stranger.ask_with(&mut letter, &for_another_address).await),
        403
    );
    let good = alice
        .proof(&challenge, &Method::Invite, &bob, "x")
        .expect("a challenge");
    for (part, other) in [
        ("nonce=\"", "nonce=\"0"),
        ("realm=\"", "realm=\"x"),
        ("qop=auth", "qop=auth-int"),
    ] {
        let made_up = good.replacen(part, other, 1);
        assert_ne!(made_up, good, "{good}");
        assert_eq!(
            status_of(&stranger.ask_with(&mut letter, &made_up).await),
            401,
            "{other}"
        );
    }
    for broken in [
        "Digest",
        "Digest username=\"\"",
        "Basic YTpi",
        "Digest ,,,=,\"",
        &"x".repeat(5000),
    ] {
        assert_eq!(
            status_of(&stranger.ask_with(&mut letter, broken).await),
            401,
            "{broken}"
        );
    }
    assert_eq!(office.api.history(0).await.len(), 0);
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn nobody_registers_for_somebody_else() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (mut stranger, alice) = (office.stranger().await, office.account(ALICE));
    let bob = office.account(BOB);
    let mut letter = Letter::new(Method::Register, &alice.uri(), &bob.uri());
    letter.uri = format!("sip:{}", alice.domain);
    assert_eq!(status_of(&stranger.ask_as(&mut letter, &alice).await), 403);
    letter.from = format!("<{}>", bob.uri());
    assert_eq!(status_of(&stranger.ask_as(&mut letter, &alice).await), 403);
    assert_eq!(office.server.figures().await.of(UNPROVEN), 2);
    let caller = office.phone(ALICE).await;
    assert_eq!(
        caller.dial(office.number(BOB)).await.refused().await,
        480,
        "nothing was registered for Bob"
    );
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn nobody_calls_in_somebody_elses_name() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let (mut stranger, alice) = (office.stranger().await, office.account(ALICE));
    let mut callee = office.phone(BOB).await;
    let bob = office.account(BOB).uri();
    for name in [
        bob.as_str(),
        "sip:201@wigwag.localhost",
        "sip:01632960000@wigwag.localhost",
        "tel:999",
    ] {
        let mut letter = Letter::new(Method::Invite, name, &bob).offering(stranger.address(), false);
        assert_eq!(status_of(&stranger.ask_as(&mut letter, &alice).await), 403, "{name}");
    }
    let claims = [
        "P-Asserted-Identity",
        "Remote-Party-ID",
        "Diversion",
        "P-Preferred-Identity",
    ];
    let mut letter = Letter::new(Method::Invite, &alice.uri(), &bob).offering(stranger.address(), false);
    for claim in claims {
        letter = letter.with(
            HeaderName::new(claim).expect("a name"),
            "\"The Boss\" <sip:999@wigwag.localhost>",
        );
    }
    letter.from = format!("\"The Boss\" {}", letter.from);
    let answer = tokio::spawn(async move {
        let answer = stranger.ask_as(&mut letter, &alice).await;
        status_of(&answer)
    });
    let ringing = callee.rings().await;
    assert!(ringing.caller().contains(office.number(ALICE)), "{}", ringing.caller());
    assert!(!ringing.caller().contains("Boss"), "{}", ringing.caller());
    ringing.refuse(603);
    assert_eq!(answer.await.expect("nobody cancels it"), 603);
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn whoever_says_nothing_of_who_they_are_gets_nowhere_with_any_method() {
    let office = Office::open().await;
    let bystanders = office.bystanders().await;
    let callee = office.phone(BOB).await;
    let mut stranger = office.stranger().await;
    let (alice, bob) = (office.account(ALICE).uri(), office.account(BOB).uri());
    let expected = [
        (Method::Register, 401),
        (Method::Invite, 401),
        (Method::Options, 401),
        (Method::Info, 401),
        (Method::Refer, 401),
        (Method::Subscribe, 401),
        (Method::Message, 401),
        (Method::Publish, 401),
        (Method::Notify, 481),
        (Method::Bye, 481),
        (Method::Update, 481),
        (Method::Prack, 481),
        (Method::Cancel, 481),
        (Method::new("DANCE").expect("a word is a method"), 405),
    ];
    for (method, status) in expected {
        let mut letter = Letter::new(method.clone(), &alice, &bob).offering(stranger.address(), false);
        assert_eq!(status_of(&stranger.ask(&mut letter).await), status, "{method}");
    }
    assert!(callee.is_quiet());
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn whoever_guesses_passwords_waits_while_the_right_device_goes_on() {
    let mut office = Office::open().await;
    let bystanders = office.bystanders().await;
    let elsewhere = Ipv4Addr::new(127, 0, 0, 66).into();
    let account = office.account(ALICE);
    let guesser = Phone::new(&account.clone().with_password("guess").from_ip(elsewhere), 440.0);
    for _ in 0..10 {
        assert_eq!(guesser.registers().await.status(), 403);
    }
    let late = Phone::new(&account.clone().from_ip(elsewhere), 440.0);
    let refused = late.registers().await;
    assert_eq!(
        refused.status(),
        403,
        "even the right password comes too late from there"
    );
    let wait = refused
        .response
        .as_ref()
        .and_then(|response| response.header(HeaderName::RetryAfter));
    let wait: u32 = String::from_utf8_lossy(wait.expect("it is told how long"))
        .parse()
        .expect("seconds");
    assert!((1..=900).contains(&wait), "{wait}");
    let alice = Phone::register(&account, tone_of(ALICE)).await;
    let mut bob = office.phone(BOB).await;
    let (mut outgoing, mut incoming) = crate::office::connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hears(bob.hz()).await;
    outgoing.hang_up().await;
    incoming.over().await;
    let figures = office.server.figures().await;
    assert_eq!(figures.of(UNPROVEN), 10);
    assert!(figures.of("wigwag_sip_locked_out_total") >= 1);
    office.server.says("guesses passwords").await;
    bystanders.part().await;
    office.server.settle().await;
}

#[tokio::test]
async fn a_company_cannot_call_another_by_number_or_by_name() {
    let office = two_companies().await;
    let bystanders =
        crate::bystanders::Bystanders::talk(office.phone(4).await, office.phone(5).await, office.number(5)).await;
    let (ours, foreign) = (office.phone(ALICE).await, office.phone(FOREIGN).await);
    assert_eq!(
        office.number(FOREIGN),
        office.number(ALICE),
        "both companies have a 201"
    );
    for index in [FOREIGN, FOREIGN + 1] {
        let name = office.account(index).username;
        assert_eq!(ours.dial(&name).await.refused().await, 404);
    }
    let mut own = ours.dial(office.number(ALICE)).await;
    assert_eq!(
        own.refused().await,
        480,
        "201 is one's own extension, not the other company's"
    );
    assert!(foreign.is_quiet());
    assert_eq!(office.last_call(3).await.dialled.expose(), office.number(ALICE));
    bystanders.part().await;
    office.server.settle().await;
}

/// The first extension of the second company.
pub(crate) const FOREIGN: usize = 500;

/// An office beside another company.
pub(crate) async fn two_companies() -> Office {
    let arguments = [
        "--http",
        "127.0.0.1:0",
        "--sip",
        "127.0.0.1:0",
        "--demo-extensions",
        "502",
    ];
    Office::of(harness::TestServer::start_with(&arguments).await).await
}

fn status_of(response: &Response) -> u16 {
    response.status().as_u16()
}

fn is_stale(response: &Response) -> bool {
    let challenge = response.require::<WwwAuthenticate>().expect("a challenge");
    challenge.to_string().to_ascii_lowercase().contains("stale=true")
}

/// What tells answers apart: all but what the request itself brought, and what is different each time.
fn shape(response: &Response) -> (u16, String) {
    let text = String::from_utf8_lossy(response.bytes()).into_owned();
    let own = ["Via:", "From:", "To:", "Call-ID:", "CSeq:", "WWW-Authenticate:"];
    let lines = text
        .lines()
        .filter(|line| !own.iter().any(|name| line.starts_with(name)));
    let challenge = response.header(HeaderName::WwwAuthenticate).map(|challenge| {
        let challenge = String::from_utf8_lossy(challenge).into_owned();
        let parts = challenge.split(',').filter(|part| !part.contains("nonce="));
        parts.collect::<Vec<_>>().join(",")
    });
    (
        status_of(response),
        lines.chain(challenge.as_deref()).collect::<Vec<_>>().join("\n"),
    )
}
