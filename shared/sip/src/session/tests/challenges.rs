//! Challenges to our requests: answered by those who have credentials for that realm, and by nobody else.

use super::bench::{Bench, Make, PEER};
use crate::{
    session::{Command, OfferBy},
    wire::{HeaderName, Method, header::Authorization},
};

const OURS: (&str, &str) = (
    "WWW-Authenticate",
    "Digest realm=\"biloxi.example\", nonce=\"n1\", qop=\"auth\", algorithm=MD5, opaque=\"o\"",
);
const FOREIGN: (&str, &str) = ("WWW-Authenticate", "Digest realm=\"evil.example\", nonce=\"n1\"");
const PROXY: (&str, &str) = ("Proxy-Authenticate", "Digest realm=\"biloxi.example\", nonce=\"n2\"");

fn gateway() -> Make {
    Make {
        password: Some("secret"),
        ..Make::default()
    }
}

#[test]
fn an_invite_is_sent_again_with_the_answer() {
    let mut bench = gateway().caller();
    bench.answers(401, PEER, &[OURS], "");
    let answer = bench.last_request().require::<Authorization>().unwrap();
    let digest = answer.as_digest().unwrap();
    assert_eq!(
        (digest.username(), digest.realm(), digest.nonce(), digest.opaque()),
        (Some("alice"), Some("biloxi.example"), Some("n1"), Some("o"))
    );
    assert_eq!(
        (digest.uri(), digest.nc(), digest.qop()),
        (Some("sip:bob@biloxi.example"), Some("00000001"), Some("auth"))
    );
    bench.answers(180, PEER, &[], "");
    bench.answers(200, PEER, &[], "answer");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 401 INVITE 1
    → INVITE 2 Authorization: Digest … Session-Expires: 1800 Subject: lunch «offer»
    ← 180 INVITE 2
    * Progress Branch(0) 180
    ← 200 INVITE 2 «answer»
    → ACK 2 Authorization: Digest …
    * Answered Branch(0) «answer»
    ");
}

#[test]
fn a_server_that_challenges_without_end_is_given_up() {
    let mut bench = gateway().caller();
    for _ in 0..3 {
        bench.answers(407, PEER, &[PROXY], "");
    }
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 407 INVITE 1
    → INVITE 2 Proxy-Authorization: Digest … Session-Expires: 1800 Subject: lunch «offer»
    ← 407 INVITE 2
    → INVITE 3 Proxy-Authorization: Digest … Session-Expires: 1800 Subject: lunch «offer»
    ← 407 INVITE 3
    * Ended by Remote 407
    ");
    assert!(bench.is_over());
}

#[test]
fn a_foreign_realm_learns_no_digest() {
    let mut bench = gateway().caller();
    bench.answers(401, PEER, &[FOREIGN], "");
    assert!(bench.ladder().ends_with("* Ended by Remote 401"));
    let mut phone = Make::default().caller();
    phone.answers(401, PEER, &[OURS], "");
    assert!(phone.ladder().ends_with("* Ended by Remote 401"));
}

#[test]
fn the_realm_that_is_ours_is_picked() {
    let mut bench = gateway().caller();
    bench.answers(401, PEER, &[("WWW-Authenticate", "Bearer x"), FOREIGN, OURS], "");
    let answer = bench.last_request().require::<Authorization>().unwrap();
    assert_eq!(answer.as_digest().unwrap().realm(), Some("biloxi.example"));
}

#[test]
fn requests_within_the_call_are_sent_again_too() {
    let mut bench = Bench::called_with(gateway(), &[("Allow", "UPDATE")]);
    bench.offer("new offer", OfferBy::Invite);
    bench.answers(407, PEER, &[PROXY], "");
    bench.answers(200, PEER, &[], "new answer");
    bench.command(Command::Send {
        tag: 1,
        method: Method::Options,
        headers: Vec::new(),
        content: None,
    });
    bench.answers(401, PEER, &[OURS], "");
    bench.answers(200, PEER, &[], "");
    bench.end();
    bench.answers(407, PEER, &[PROXY], "");
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Invite «new offer»
    → INVITE 2 «new offer»
    ← 407 INVITE 2
    → INVITE 3 Proxy-Authorization: Digest … «new offer»
    ← 200 INVITE 3 «new answer»
    → ACK 3 Proxy-Authorization: Digest …
    * OfferAnswered «new answer»
    ! Send OPTIONS
    → OPTIONS 4
    ← 401 OPTIONS 4
    → OPTIONS 5 Authorization: Digest …
    ← 200 OPTIONS 5
    * Replied to 1: 200
    ! End
    → BYE 6 Reason: Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ← 407 BYE 6
    → BYE 7 Proxy-Authorization: Digest … Reason: Q.850;cause=16
    ← 200 BYE 7
    ");
    assert!(bench.last_request().header(HeaderName::ProxyAuthorization).is_some());
}

#[test]
fn a_bye_to_a_late_branch_is_sent_again_too() {
    let mut bench = gateway().caller();
    bench.end();
    bench.answers(200, PEER, &[], "answer");
    bench.answers(407, PEER, &[PROXY], "");
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ! End
    → CANCEL Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ← 200 INVITE 1 «answer»
    → ACK 1
    → BYE 2 Reason: Q.850;cause=16
    ← 407 BYE 2
    → BYE 3 Proxy-Authorization: Digest … Reason: Q.850;cause=16
    ← 200 BYE 3
    ");
}
