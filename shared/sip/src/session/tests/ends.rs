//! How answered calls end, from either side, at any moment.

use std::time::Duration;

use super::bench::{Bench, Make, PEER, invite, status};
use crate::{
    session::{Command, Input, OfferBy},
    transaction::Failure,
    wire::{Method, header::Reason},
};

#[test]
fn the_other_side_hangs_up() {
    let mut bench = Bench::answered();
    bench.requests(
        Method::Bye,
        &[(
            "Reason",
            "Q.850;cause=16, SIP;cause=200;text=\"Call completed elsewhere\"",
        )],
        "",
    );
    insta::assert_snapshot!(bench.ladder(), @r#"
    ← BYE 2 Reason: Q.850;cause=16, SIP;cause=200;text="Call completed elsewhere"
    → 200 BYE 2
    * Ended by Remote Q.850;cause=16 SIP;cause=200;text="Call completed elsewhere"
    "#);
    assert!(bench.is_over() && bench.sleeps());
}

#[test]
fn we_hang_up() {
    let mut bench = Bench::answered();
    bench.end();
    assert!(!bench.is_over());
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! End
    → BYE 1 Reason: Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ← 200 BYE 1
    ");
    assert!(bench.is_over());
}

#[test]
fn both_hang_up_at_once() {
    let mut bench = Bench::answered();
    bench.end();
    bench.requests(Method::Bye, &[], "");
    bench.answers(481, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! End
    → BYE 1 Reason: Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ← BYE 2
    → 200 BYE 2
    ← 481 BYE 1
    ");
    assert!(bench.is_over());
}

#[test]
fn a_bye_waits_for_the_ack_to_our_200() {
    let (mut bench, _) = Make::default()
        .callee(invite(&[]).body("application/sdp", "offer"))
        .unwrap();
    bench.accept("answer");
    bench.end();
    bench.wait(Duration::from_secs(1));
    bench.acks_with("");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 «offer»
    ! Accept «answer»
    → 200 INVITE 1 «answer»
    ! End
    * Ended by Local Q.850;cause=16
    500 ms
    → 200 INVITE 1 «answer»
    ← ACK 1
    → BYE 1 Reason: Q.850;cause=16
    ");
}

#[test]
fn a_bye_does_not_wait_for_the_ack_for_ever() {
    let (mut bench, _) = Make::default()
        .callee(invite(&[]).body("application/sdp", "offer"))
        .unwrap();
    bench.accept("answer");
    bench.wait(Duration::from_secs(31));
    bench.end();
    bench.forget();
    bench.wait(Duration::from_secs(10));
    insta::assert_snapshot!(bench.ladder(), @r"
    31500 ms
    → 200 INVITE 1 «answer»
    32000 ms
    → BYE 1 Reason: Q.850;cause=16
    ");
}

#[test]
fn a_bye_of_theirs_settles_one_of_ours_that_waits() {
    let (mut bench, _) = Make::default()
        .callee(invite(&[]).body("application/sdp", "offer"))
        .unwrap();
    bench.accept("answer");
    bench.end();
    bench.requests(Method::Bye, &[], "");
    assert!(bench.is_over());
}

#[test]
fn what_waits_for_an_answer_gets_487_when_the_call_ends() {
    let mut bench = Bench::answered();
    bench.requests(Method::Refer, &[("Refer-To", "<sip:carol@chicago.example>")], "");
    bench.requests(Method::Subscribe, &[], "");
    bench.requests(Method::Invite, &[], "new offer");
    bench.requests(Method::Bye, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example
    ← SUBSCRIBE 3
    * Other SUBSCRIBE
    ← INVITE 4 «new offer»
    * Offered by Invite «new offer»
    ← BYE 5
    → 200 BYE 5
    → 487 INVITE 4
    → 487 SUBSCRIBE 3
    → 487 REFER 2
    * Ended by Remote
    ");
    assert!(bench.is_over());
}

#[test]
fn a_re_invite_of_ours_is_still_acknowledged_after_the_end() {
    let mut bench = Bench::answered();
    bench.offer("new offer", OfferBy::Invite);
    bench.requests(Method::Bye, &[], "");
    bench.answers(200, PEER, &[], "new answer");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Invite «new offer»
    → INVITE 1 «new offer»
    ← BYE 2
    → 200 BYE 2
    * Ended by Remote
    ← 200 INVITE 1 «new answer»
    → ACK 1
    ");
    assert!(bench.is_over());
}

#[test]
fn a_phone_that_challenges_our_bye_learns_no_digest() {
    let mut bench = Bench::answered();
    bench.end();
    let challenge = "Digest realm=\"biloxi.example\", nonce=\"1\", qop=\"auth\"";
    bench.answers(407, PEER, &[("Proxy-Authenticate", challenge)], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! End
    → BYE 1 Reason: Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ← 407 BYE 1
    ");
    assert!(bench.is_over());
}

#[test]
fn a_bye_that_fails_is_still_the_end() {
    for failure in [Failure::Timeout, Failure::Transport] {
        let mut bench = Bench::answered();
        bench.end();
        bench.fails(failure);
        assert!(bench.is_over());
    }
}

#[test]
fn a_peer_that_forgot_the_call_ends_it() {
    let mut bench = Bench::answered();
    bench.offer("new offer", OfferBy::Invite);
    bench.answers(481, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Invite «new offer»
    → INVITE 1 «new offer»
    ← 481 INVITE 1
    * Ended by Failure(Forgotten)
    ");
    assert!(bench.is_over());
}

#[test]
fn a_peer_that_does_not_answer_ends_the_call() {
    for refusal in [Some(408), None] {
        let mut bench = Bench::answered();
        bench.offer("new offer", OfferBy::Invite);
        match refusal {
            Some(code) => bench.answers(code, PEER, &[], ""),
            None => bench.fails(Failure::Timeout),
        }
        let ladder = bench.ladder();
        assert!(ladder.ends_with("→ BYE 2\n* Ended by Failure(Timeout)"), "{ladder}");
    }
}

#[test]
fn a_lost_connection_does_not_end_the_call() {
    let mut bench = Bench::answered();
    bench.offer("new offer", OfferBy::Invite);
    bench.fails(Failure::Transport);
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Invite «new offer»
    → INVITE 1 «new offer»
    ← Transport
    * OfferRefused 503
    ");
    assert!(!bench.is_over());
}

#[test]
fn after_the_end_only_byes_are_welcome() {
    let mut bench = Bench::answered();
    bench.end();
    bench.requests(Method::Invite, &[], "offer");
    bench.requests(Method::Info, &[], "");
    bench.command(Command::Send {
        tag: 1,
        method: Method::Info,
        headers: Vec::new(),
        content: None,
    });
    bench.put(Input::Command(Command::End {
        status: Some(status(486)),
        reasons: vec![Reason::q850(17, "")],
    }));
    bench.requests(Method::Bye, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! End
    → BYE 1 Reason: Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ← INVITE 2 «offer»
    → 481 INVITE 2
    ← INFO 3
    → 481 INFO 3
    ! Send INFO
    ← BYE 4
    → 200 BYE 4
    ");
}

#[test]
fn a_caller_may_hang_up_before_the_other_side_has_answered_its_re_invite() {
    let mut bench = Bench::called();
    bench.offer("new offer", OfferBy::Invite);
    bench.end();
    bench.answers(200, PEER, &[], "");
    bench.answers_nth(1, 487, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Invite «new offer»
    → INVITE 2 «new offer»
    ! End
    → BYE 3 Reason: Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ← 200 BYE 3
    ← 487 INVITE 2
    ");
    bench.wait(Duration::from_secs(33));
    assert!(bench.is_over());
}
