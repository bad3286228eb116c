//! Incoming calls whose caller insists on confirming provisional answers (RFC 3262 §3, §5), and early UPDATE.

use std::time::Duration;

use super::bench::{Bench, Make, invite, status};
use crate::{session::Command, wire::Method};

fn called(offer: &str) -> Bench {
    let request = invite(&[("Require", "100rel")]);
    let request = if offer.is_empty() {
        request
    } else {
        request.body("application/sdp", offer.to_owned())
    };
    Make::default().callee(request).unwrap().0
}

#[test]
fn a_caller_who_insists_confirms_that_it_rings() {
    let mut bench = called("offer");
    bench.progress(180, "");
    bench.confirms("");
    bench.accept("answer");
    bench.acks_with("");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel «offer»
    ! Progress 180
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    ← PRACK 2 RAck: 388608 1 INVITE
    → 200 PRACK 2
    ! Accept «answer»
    → 200 INVITE 1 «answer»
    ← ACK 1
    * Confirmed
    ");
}

#[test]
fn what_is_not_confirmed_comes_again_and_the_call_fails_after_64_t1() {
    let mut bench = called("offer");
    bench.progress(180, "");
    bench.wait(Duration::from_secs(40));
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel «offer»
    ! Progress 180
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    500 ms
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    1500 ms
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    3500 ms
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    7500 ms
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    15500 ms
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    31500 ms
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    32000 ms
    → 504 INVITE 1
    * Ended by Failure(Unacknowledged) 504
    ");
    assert!(bench.is_over());
}

#[test]
fn one_provisional_answer_waits_for_the_confirmation_of_the_other() {
    let mut bench = called("offer");
    bench.progress(180, "");
    bench.progress(183, "answer");
    bench.progress(180, "");
    bench.confirms("");
    bench.confirms("");
    bench.confirms("");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel «offer»
    ! Progress 180
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    ! Progress 183 «answer»
    ! Progress 180
    ← PRACK 2 RAck: 388608 1 INVITE
    → 200 PRACK 2
    → 183 INVITE 1 RSeq: 388609 Require: 100rel «answer»
    ← PRACK 3 RAck: 388609 1 INVITE
    → 200 PRACK 3
    ← PRACK 4 RAck: 388609 1 INVITE
    → 481 PRACK 4
    ");
}

#[test]
fn the_200_waits_for_the_confirmation_of_the_answer() {
    let mut bench = called("offer");
    bench.progress(183, "answer");
    assert!(bench.session().has_described());
    bench.accept("another answer, which comes too late");
    bench.confirms("");
    bench.acks_with("");
    bench.offer("change", crate::session::OfferBy::Invite);
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel «offer»
    ! Progress 183 «answer»
    → 183 INVITE 1 RSeq: 388608 Require: 100rel «answer»
    ! Accept «another answer, which comes too late»
    ← PRACK 2 RAck: 388608 1 INVITE
    → 200 PRACK 2
    → 200 INVITE 1
    ← ACK 1
    * Confirmed
    ! Offer by Invite «change»
    → INVITE 1 «change»
    ");
}

#[test]
fn the_200_does_not_wait_for_the_confirmation_of_mere_ringing() {
    let mut bench = called("offer");
    bench.progress(180, "");
    bench.accept("answer");
    bench.confirms("");
    bench.confirms("");
    bench.acks_with("");
    bench.wait(Duration::from_secs(60));
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel «offer»
    ! Progress 180
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    ! Accept «answer»
    → 200 INVITE 1 «answer»
    ← PRACK 2 RAck: 388608 1 INVITE
    → 200 PRACK 2
    ← PRACK 3 RAck: 388608 1 INVITE
    → 481 PRACK 3
    ← ACK 1
    * Confirmed
    ");
}

#[test]
fn an_answer_that_still_waits_is_given_by_the_200() {
    let mut bench = called("offer");
    bench.progress(180, "");
    bench.progress(183, "answer");
    bench.accept("answer");
    bench.acks_with("");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel «offer»
    ! Progress 180
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    ! Progress 183 «answer»
    ! Accept «answer»
    → 200 INVITE 1 «answer»
    ← ACK 1
    * Confirmed
    ");
}

#[test]
fn a_caller_without_offer_answers_ours_by_its_confirmation() {
    let mut bench = called("");
    bench.progress(180, "");
    bench.progress(183, "our offer");
    bench.confirms("their answer");
    bench.accept("our offer");
    bench.acks_with("");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel
    ! Progress 180
    ! Progress 183 «our offer»
    → 183 INVITE 1 RSeq: 388608 Require: 100rel «our offer»
    ← PRACK 2 RAck: 388608 1 INVITE «their answer»
    * OfferAnswered «their answer»
    → 200 PRACK 2
    ! Accept «our offer»
    → 200 INVITE 1
    ← ACK 1
    * Confirmed
    ");
}

#[test]
fn a_caller_without_offer_that_does_not_answer_ours_is_refused() {
    let mut bench = called("");
    bench.progress(183, "our offer");
    bench.confirms("");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel
    ! Progress 183 «our offer»
    → 183 INVITE 1 RSeq: 388608 Require: 100rel «our offer»
    ← PRACK 2 RAck: 388608 1 INVITE
    → 200 PRACK 2
    → 488 INVITE 1
    * Ended by Failure(Protocol) 488
    ");
    assert!(bench.is_over());
}

#[test]
fn confirmations_of_nothing_are_refused() {
    let mut bench = called("offer");
    bench.confirms("");
    bench.progress(180, "");
    bench.requests(Method::Prack, &[("RAck", "1 1 INVITE")], "");
    bench.requests(Method::Prack, &[], "");
    bench.confirms("");
    bench.confirms("");
    let mut answered = Bench::answered();
    answered.confirms("");
    insta::assert_snapshot!(bench.ladder() + "\n\n" + &answered.ladder(), @r"
    ← INVITE 1 Require: 100rel «offer»
    ← PRACK 2 RAck: 0 1 INVITE
    → 481 PRACK 2
    ! Progress 180
    → 180 INVITE 1 RSeq: 388608 Require: 100rel
    ← PRACK 3 RAck: 1 1 INVITE
    → 481 PRACK 3
    ← PRACK 4
    → 481 PRACK 4
    ← PRACK 5 RAck: 388608 1 INVITE
    → 200 PRACK 5
    ← PRACK 6 RAck: 388608 1 INVITE
    → 481 PRACK 6

    ← PRACK 2 RAck: 0 1 INVITE
    → 481 PRACK 2
    ");
}

#[test]
fn a_caller_may_propose_something_new_by_its_confirmation_and_by_update() {
    let mut bench = called("offer");
    bench.requests(Method::Update, &[], "too early");
    bench.progress(183, "answer");
    bench.requests(Method::Update, &[], "still too early");
    bench.confirms("second offer");
    bench.requests(Method::Update, &[], "third offer, before the second is answered");
    bench.answer_offer("second answer");
    bench.requests(Method::Update, &[], "fourth offer");
    bench.command(Command::RefuseOffer { status: status(488) });
    bench.requests(Method::Update, &[], "fifth offer");
    bench.accept("answer");
    bench.acks_with("");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel «offer»
    ← UPDATE 2 «too early»
    → 500 UPDATE 2 Retry-After: 7
    ! Progress 183 «answer»
    → 183 INVITE 1 RSeq: 388608 Require: 100rel «answer»
    ← UPDATE 3 «still too early»
    → 500 UPDATE 3 Retry-After: 5
    ← PRACK 4 RAck: 388608 1 INVITE «second offer»
    * Offered by Update «second offer»
    ← UPDATE 5 «application/sdp»
    → 500 UPDATE 5 Retry-After: 4
    ! AnswerOffer «second answer»
    → 200 PRACK 4 «second answer»
    ← UPDATE 6 «fourth offer»
    * Offered by Update «fourth offer»
    ! RefuseOffer 488
    → 488 UPDATE 6
    ← UPDATE 7 «fifth offer»
    * Offered by Update «fifth offer»
    ! Accept «answer»
    → 500 UPDATE 7 Retry-After: 2
    * OfferWithdrawn
    → 200 INVITE 1
    ← ACK 1
    * Confirmed
    ");
}

#[test]
fn a_caller_who_gives_up_is_owed_nothing_more() {
    let mut bench = called("offer");
    bench.progress(183, "answer");
    bench.accept("answer");
    bench.cancels(1, &[]);
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel «offer»
    ! Progress 183 «answer»
    → 183 INVITE 1 RSeq: 388608 Require: 100rel «answer»
    ! Accept «answer»
    ← CANCEL 1
    → 487 INVITE 1
    * Ended by Remote 487
    ");
    assert!(bench.is_over());
}

#[test]
fn an_early_proposal_that_the_owner_forgets_is_answered_in_time() {
    let mut bench = called("offer");
    bench.progress(183, "answer");
    bench.confirms("");
    bench.requests(Method::Update, &[], "second offer");
    bench.wait(Duration::from_secs(70));
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Require: 100rel «offer»
    ! Progress 183 «answer»
    → 183 INVITE 1 RSeq: 388608 Require: 100rel «answer»
    ← PRACK 2 RAck: 388608 1 INVITE
    → 200 PRACK 2
    ← UPDATE 3 «second offer»
    * Offered by Update «second offer»
    24000 ms
    → 504 UPDATE 3
    * OfferWithdrawn
    60000 ms
    → 183 INVITE 1 RSeq: 388609 Require: 100rel
    60500 ms
    → 183 INVITE 1 RSeq: 388609 Require: 100rel
    61500 ms
    → 183 INVITE 1 RSeq: 388609 Require: 100rel
    63500 ms
    → 183 INVITE 1 RSeq: 388609 Require: 100rel
    67500 ms
    → 183 INVITE 1 RSeq: 388609 Require: 100rel
    ");
}
