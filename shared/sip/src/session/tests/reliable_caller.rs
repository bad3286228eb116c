//! Outgoing calls with provisional answers to confirm (RFC 3262 §4, §5), and early UPDATE.

use std::time::Duration;

use super::bench::{Bench, Make, PEER, status};
use crate::{
    session::{Command, OfferBy},
    transaction::Failure,
    wire::Method,
};

/// The `nth` request that the session sent, counted from 0, is answered provisionally and reliably.
fn progresses(bench: &mut Bench, code: u16, tag: &str, rseq: &str, body: &str) {
    bench.answers_nth(0, code, tag, &[("Require", "100rel"), ("RSeq", rseq)], body);
}

#[test]
fn ringing_is_confirmed_and_repetition_is_passed_over() {
    let mut bench = Make::default().caller();
    progresses(&mut bench, 180, PEER, "7", "");
    progresses(&mut bench, 180, PEER, "7", "");
    bench.answers(200, PEER, &[], "");
    progresses(&mut bench, 183, PEER, "9", "out of order");
    progresses(&mut bench, 183, PEER, "8", "answer");
    progresses(&mut bench, 180, PEER, "1", "");
    bench.answers_nth(0, 200, PEER, &[], "");
    bench.end();
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 180 INVITE 1 RSeq: 7 Require: 100rel
    → PRACK 2 RAck: 7 1 INVITE
    * Progress Branch(0) 180
    ← 180 INVITE 1 RSeq: 7 Require: 100rel
    ← 200 PRACK 2
    ← 183 INVITE 1 RSeq: 9 Require: 100rel «out of order»
    ← 183 INVITE 1 RSeq: 8 Require: 100rel «answer»
    → PRACK 3 RAck: 8 1 INVITE
    * Progress Branch(0) 183 «answer»
    ← 180 INVITE 1 RSeq: 1 Require: 100rel
    ← 200 INVITE 1
    → ACK 1
    * Answered Branch(0) «answer»
    ! End
    → BYE 4 Reason: Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ");
}

#[test]
fn each_branch_counts_for_itself() {
    let mut bench = Make::default().caller();
    progresses(&mut bench, 180, PEER, "1", "");
    progresses(&mut bench, 180, "other", "1", "");
    progresses(&mut bench, 183, "other", "2", "answer");
    progresses(&mut bench, 183, PEER, "2", "answer");
    bench.answers_nth(0, 200, "other", &[], "answer");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 180 INVITE 1 RSeq: 1 Require: 100rel
    → PRACK 2 RAck: 1 1 INVITE
    * Progress Branch(0) 180
    ← 180 INVITE 1 RSeq: 1 Require: 100rel (other)
    → PRACK 2 RAck: 1 1 INVITE
    * Progress Branch(1) 180
    ← 183 INVITE 1 RSeq: 2 Require: 100rel «answer» (other)
    → PRACK 3 RAck: 2 1 INVITE
    * Progress Branch(1) 183 «answer»
    ← 183 INVITE 1 RSeq: 2 Require: 100rel «answer»
    → PRACK 3 RAck: 2 1 INVITE
    * Progress Branch(0) 183 «answer»
    ← 200 INVITE 1 «answer» (other)
    → ACK 1
    * Answered Branch(1) «answer»
    ");
}

#[test]
fn a_confirmation_that_is_challenged_or_fails() {
    let make = Make {
        password: Some("secret"),
        ..Make::default()
    };
    let mut bench = make.caller();
    progresses(&mut bench, 180, PEER, "1", "");
    let challenge = [("WWW-Authenticate", "Digest realm=\"biloxi.example\", nonce=\"n\"")];
    bench.answers(401, PEER, &challenge, "");
    bench.fails(Failure::Timeout);
    bench.answers_nth(0, 200, PEER, &[], "answer");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 180 INVITE 1 RSeq: 1 Require: 100rel
    → PRACK 2 RAck: 1 1 INVITE
    * Progress Branch(0) 180
    ← 401 PRACK 2
    → PRACK 3 Authorization: Digest … RAck: 1 1 INVITE
    ← Timeout
    ← 200 INVITE 1 «answer»
    → ACK 1
    * Answered Branch(0) «answer»
    ");
}

#[test]
fn an_offer_in_a_provisional_answer_is_answered_by_its_confirmation() {
    let make = Make {
        offerless: true,
        ..Make::default()
    };
    let mut bench = make.caller();
    progresses(&mut bench, 183, PEER, "1", "their offer");
    progresses(&mut bench, 183, "other", "1", "their offer comes again later");
    bench.answer_offer("our answer");
    bench.answers(200, PEER, &[], "");
    progresses(&mut bench, 183, "other", "1", "their offer comes again");
    bench.answers_nth(0, 200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch
    ← 183 INVITE 1 RSeq: 1 Require: 100rel «their offer»
    * Progress Branch(0) 183
    * Offered by Invite «their offer»
    ← 183 INVITE 1 RSeq: 1 Require: 100rel «their offer comes again later» (other)
    ! AnswerOffer «our answer»
    → PRACK 2 RAck: 1 1 INVITE «our answer»
    ← 200 PRACK 2
    ← 183 INVITE 1 RSeq: 1 Require: 100rel «their offer comes again» (other)
    * Progress Branch(1) 183
    * Offered by Invite «their offer comes again»
    ← 200 INVITE 1
    * OfferWithdrawn
    → ACK 1
    * Answered Branch(0)
    ");
}

#[test]
fn an_offer_in_a_provisional_answer_that_is_refused_ends_the_call() {
    let make = Make {
        offerless: true,
        ..Make::default()
    };
    let mut bench = make.caller();
    progresses(&mut bench, 183, PEER, "1", "their offer");
    bench.command(Command::RefuseOffer { status: status(488) });
    bench.answers_nth(0, 487, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch
    ← 183 INVITE 1 RSeq: 1 Require: 100rel «their offer»
    * Progress Branch(0) 183
    * Offered by Invite «their offer»
    ! RefuseOffer 488
    → CANCEL
    * Ended by Local
    ← 487 INVITE 1
    ");
    assert!(bench.is_over());
}

#[test]
fn a_phone_that_rings_may_propose_something_new_by_update() {
    let mut bench = Make::default().caller();
    bench.answers(183, PEER, &[], "preview");
    bench.requests(Method::Update, &[], "too early, for a preview is no answer");
    progresses(&mut bench, 183, PEER, "1", "answer");
    bench.requests(Method::Update, &[], "new offer");
    bench.requests(Method::Update, &[], "another one");
    bench.answer_offer("new answer");
    bench.requests(Method::Update, &[], "one that is refused");
    bench.command(Command::RefuseOffer { status: status(488) });
    bench.requests(Method::Update, &[], "one that nobody answers");
    bench.wait(Duration::from_secs(30));
    bench.requests(Method::Update, &[], "one that comes too late");
    bench.answers_nth(0, 200, PEER, &[], "");
    bench.offer("change", OfferBy::Invite);
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 183 INVITE 1 «preview»
    * Progress Branch(0) 183 «preview»
    ← UPDATE 2 «too early, for a preview is no answer»
    → 491 UPDATE 2
    ← 183 INVITE 1 RSeq: 1 Require: 100rel «answer»
    → PRACK 2 RAck: 1 1 INVITE
    * Progress Branch(0) 183 «answer»
    ← UPDATE 3 «new offer»
    * Offered by Update «new offer»
    ← UPDATE 4 «another one»
    → 500 UPDATE 4 Retry-After: 4
    ! AnswerOffer «new answer»
    → 200 UPDATE 3 «new answer»
    ← UPDATE 5 «one that is refused»
    * Offered by Update «one that is refused»
    ! RefuseOffer 488
    → 488 UPDATE 5
    ← UPDATE 6 «one that nobody answers»
    * Offered by Update «one that nobody answers»
    24000 ms
    → 504 UPDATE 6
    * OfferWithdrawn
    ← UPDATE 7 «one that comes too late»
    * Offered by Update «one that comes too late»
    ← 200 INVITE 1
    → 500 UPDATE 7 Retry-After: 7
    * OfferWithdrawn
    → ACK 1
    * Answered Branch(0)
    ! Offer by Invite «change»
    → INVITE 3 «change»
    ");
}
