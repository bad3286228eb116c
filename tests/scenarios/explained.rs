//! Explain a call: why it went as it did, in sentences, with every message and without any secret.

use harness::{Letter, User};
use wigwag_model::api::{CallTrace, ExtensionChange, LadderDirection, LiveLegState};
use wigwag_sip::wire::Method;

use crate::office::{ALICE, BOB, CAROL, Office, connect};

#[tokio::test]
async fn an_answered_call_reads_like_a_story() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let (mut outgoing, mut incoming) = connect(&alice, &mut bob, office.number(BOB)).await;
    outgoing.hears(bob.hz()).await;
    outgoing.hold().await;
    incoming.held().await;
    outgoing.resume().await;
    incoming.taken_back().await;
    outgoing.hang_up().await;
    incoming.over().await;
    let trace = office.story(1).await;
    tells(
        &trace,
        &[
            "Extension 201 (Reception) calls",
            "Dialled: 202",
            "202 is the extension “Sales”: it rings for",
            "201 dials 202",
            "Leg 0 is the caller’s phone at UDP:127.0.0.1:",
            "The call is for 202 (Sales)",
            "One phone is rung",
            "Leg 1: a phone at UDP:127.0.0.1:",
            "Leg 1 rings",
            "Leg 1 is answered",
            "Legs 0 and 1 hear each other",
            "Leg 0 puts the other side on hold",
            "Leg 0 takes the other side back",
            "Leg 0 ends: Answered",
            "Leg 1 ends: Answered",
            "The call is over: Answered",
        ],
    );
    shows(
        &trace,
        &[
            "0 → INVITE",
            "1 ← INVITE",
            "1 → 180 Ringing",
            "0 ← 180 Ringing",
            "1 → 200 OK",
            "1 ← ACK",
            "0 ← 200 OK",
            "0 → ACK",
            "0 → INVITE",
            "1 ← INVITE",
            "0 → BYE",
            "1 ← BYE",
            "1 → 200 OK",
        ],
    );
    shows(&trace, &["0 ← 200 OK", "0 → ACK", "0 → BYE", "0 ← 200 OK"]);
    office.server.settle().await;
}

#[tokio::test]
async fn a_busy_call_reads_like_a_story() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let mut outgoing = alice.dial(office.number(BOB)).await;
    bob.rings().await.refuse(486);
    assert_eq!(outgoing.refused().await, 486);
    let trace = office.story(1).await;
    tells(
        &trace,
        &[
            "One phone is rung",
            "Leg 1 rings",
            "Leg 1 ends: Busy",
            "The call is over: Busy",
        ],
    );
    shows(
        &trace,
        &[
            "0 → INVITE",
            "1 ← INVITE",
            "1 → 180 Ringing",
            "1 → 486 Busy Here",
            "0 ← 486 Busy Here",
        ],
    );
    office.server.settle().await;
}

#[tokio::test]
async fn an_unanswered_call_reads_like_a_story() {
    let office = Office::open().await;
    let change = ExtensionChange {
        ring_timeout_s: Some(5),
        ..ExtensionChange::default()
    };
    office.change(BOB, change).await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let mut outgoing = alice.dial(office.number(BOB)).await;
    bob.rings().await.over().await;
    assert_eq!(outgoing.refused().await, 480);
    let trace = office.story(1).await;
    tells(
        &trace,
        &[
            "202 is the extension “Sales”: it rings for 5 s",
            "Leg 1 rings",
            "Nobody answered in time",
            "The call is over: No answer",
        ],
    );
    shows(
        &trace,
        &[
            "0 → INVITE",
            "1 ← INVITE",
            "1 → 180 Ringing",
            "1 ← CANCEL",
            "1 → 487 Request Terminated",
        ],
    );
    shows(
        &trace,
        &["0 → INVITE", "0 ← 180 Ringing", "0 ← 480 Temporarily Unavailable"],
    );
    office.server.settle().await;
}

#[tokio::test]
async fn refused_calls_read_like_stories() {
    let office = Office::open().await;
    let alice = office.phone(ALICE).await;
    let refusals: [(&str, u16, &[&str]); 5] = [
        (
            "299",
            404,
            &[
                "Dialled: 299",
                "Nobody in the company has the number 299",
                "The call is over: Number not recognised",
            ],
        ),
        (
            "202",
            480,
            &[
                "202 is the extension",
                "Nothing is rung: No phone connected",
                "The call is over: No phone connected",
            ],
        ),
        (
            "02079460000",
            403,
            &[
                "The company has no number of its own to call from",
                "Refused: Not allowed",
            ],
        ),
        (
            "999",
            502,
            &["999 is an emergency number", "Nothing is rung: Network problem"],
        ),
        ("*99", 404, &["Dialled: *99", "The call is over: Number not recognised"]),
    ];
    for (index, (dialled, status, story)) in refusals.into_iter().enumerate() {
        assert_eq!(alice.dial(dialled).await.refused().await, status, "{dialled}");
        let trace = office.story(index + 1).await;
        tells(&trace, story);
        shows(&trace, &["0 → INVITE", &format!("0 ← {status}")]);
    }
    office.server.settle().await;
}

#[tokio::test]
async fn no_explanation_tells_a_secret() {
    let office = Office::open().await;
    let (mut stranger, alice) = (office.stranger().await, office.account(ALICE));
    let mut bob = office.phone(BOB).await;
    let bobs = office.account(BOB);
    let mut letter = Letter::new(Method::Invite, &alice.uri(), &bobs.uri()).offering(stranger.address(), true);
    let challenge = stranger.ask(&mut letter).await;
    let proof = alice
        .proof(&challenge, &Method::Invite, &bobs.uri(), "mycnonce")
        .expect("a challenge");
    let response = proof
        .split("response=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a digest");
    let nonce = proof
        .split("nonce=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a nonce");
    let asking = async {
        let answer = stranger.ask_with(&mut letter, &proof).await;
        answer.status().as_u16()
    };
    let declining = async { bob.rings().await.refuse(603) };
    let (status, ()) = tokio::join!(asking, declining);
    assert_eq!(status, 603);
    let trace = office.story(1).await;
    let invite = &trace.ladder[0].message;
    assert!(invite.expose().contains("inline:…"), "{}", invite.expose());
    let everything: String = trace
        .ladder
        .iter()
        .map(|entry| entry.message.expose().as_str())
        .collect();
    for secret in [
        response,
        nonce,
        "mycnonce",
        alice.password.as_str(),
        bobs.password.as_str(),
    ] {
        assert!(!everything.contains(secret), "{secret} in {everything}");
    }
    for keys in everything.split("inline:").skip(1) {
        assert!(keys.starts_with('…'), "{keys}");
    }
    office.server.settle().await;
}

#[tokio::test]
async fn explanations_are_for_admins_and_owners() {
    let office = Office::open().await;
    let (alice, carol) = (office.phone(ALICE).await, office.phone(CAROL).await);
    assert_eq!(alice.dial("299").await.refused().await, 404);
    assert_eq!(carol.dial("298").await.refused().await, 404);
    let calls = office.api.history(2).await;
    let [admin, user] = [
        office.server.sign_in("admin").await,
        office.server.sign_in("extension").await,
    ];
    for call in &calls {
        let path = format!("/v1/calls/{}/trace", call.id);
        assert_eq!(office.api.status_of(&path).await, 200);
        assert_eq!(admin.status_of(&path).await, 200);
        assert_eq!(user.status_of(&path).await, 403);
    }
    let tenant = office
        .server
        .tool(&["tenant", "create", "Rivals"])
        .await
        .expect_success();
    let create = ["user", "create", "--tenant", tenant.trim(), "roadrunner"];
    let made = office.server.tool(&create).await.expect_success();
    let rival = User {
        username: "roadrunner".to_owned(),
        password: made
            .trim()
            .rsplit(' ')
            .next()
            .expect("a password is printed")
            .to_owned(),
        role: "owner".to_owned(),
    };
    let rival = office.server.sign_in_as(&rival).await;
    for call in &calls {
        assert_eq!(rival.status_of(&format!("/v1/calls/{}/trace", call.id)).await, 404);
        assert_eq!(rival.status_of(&format!("/v1/calls/{}", call.id)).await, 404);
    }
    let own = user.history(1).await;
    assert_eq!(own.len(), 1, "people see the calls of their own extension only");
    assert_eq!(own[0].dialled.expose(), "299");
    office.server.settle().await;
}

#[tokio::test]
async fn the_live_calls_show_what_each_phone_is_doing() {
    let office = Office::open().await;
    let (alice, mut bob) = (office.phone(ALICE).await, office.phone(BOB).await);
    let (admin, user) = (
        office.server.sign_in("admin").await,
        office.server.sign_in("extension").await,
    );
    let mut outgoing = alice.dial(office.number(BOB)).await;
    let mut incoming = bob.rings().await;
    let ringing = admin
        .live_call(|call| call.legs.get(1).is_some_and(|leg| leg.state == LiveLegState::Ringing))
        .await;
    assert_eq!(ringing.caller.number.expose(), office.number(ALICE));
    assert_eq!(
        ringing.callee.as_ref().map(|callee| callee.number.expose().as_str()),
        Some(office.number(BOB))
    );
    assert!(ringing.answered_at.is_none());
    let early = office.api.trace(ringing.id).await;
    tells(&early, &["Leg 1 rings"]);
    incoming.answer().await;
    outgoing.answered().await;
    let answered = admin
        .live_call(|call| call.legs.iter().all(|leg| leg.state == LiveLegState::Answered))
        .await;
    assert!(answered.answered_at.is_some());
    assert_eq!(user.live_calls(1).await[0].id, ringing.id);
    incoming.hold().await;
    admin
        .live_call(|call| call.legs[1].state == LiveLegState::Holding)
        .await;
    incoming.resume().await;
    admin
        .live_call(|call| call.legs[1].state == LiveLegState::Answered)
        .await;
    outgoing.hang_up().await;
    incoming.over().await;
    admin.live_calls(0).await;
    assert_eq!(office.last_call(1).await.id, ringing.id);
    office.server.settle().await;
}

/// The sentences stand in the story in this order, whatever stands between them.
fn tells(trace: &CallTrace, sentences: &[&str]) {
    let told: Vec<&str> = trace.decision.iter().map(|step| step.text.expose().as_str()).collect();
    in_order(&told, sentences, |told, wanted| told.starts_with(wanted));
}

/// The messages were sent in this order, whatever was sent between them: `0 → INVITE` came from the phone of leg 0.
fn shows(trace: &CallTrace, messages: &[&str]) {
    let line = |entry: &wigwag_model::api::LadderEntry| {
        let arrow = match entry.direction {
            LadderDirection::Received => '→',
            LadderDirection::Sent => '←',
        };
        format!(
            "{} {arrow} {}",
            entry.leg.expect("every message belongs to a leg"),
            entry.summary
        )
    };
    let sent: Vec<String> = trace.ladder.iter().map(line).collect();
    let sent: Vec<&str> = sent.iter().map(String::as_str).collect();
    in_order(&sent, messages, |sent, wanted| sent.starts_with(wanted));
}

fn in_order(all: &[&str], wanted: &[&str], matches: impl Fn(&str, &str) -> bool) {
    let mut rest = all.iter();
    for wanted in wanted {
        assert!(
            rest.any(|line| matches(line, wanted)),
            "“{wanted}” is missing, or not in order: {all:#?}"
        );
    }
}
