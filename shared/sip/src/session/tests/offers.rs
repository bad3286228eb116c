//! Changes of an answered call: re-INVITE and UPDATE both ways, glare, refusals.

use std::time::Duration;

use super::bench::{Bench, Make, PEER, status};
use crate::{
    session::{Command, OfferBy},
    wire::{HeaderName, Method},
};

#[test]
fn a_re_invite_of_theirs_is_answered_by_the_owner() {
    let mut bench = Bench::answered();
    bench.requests(Method::Invite, &[("Contact", "<sip:moved@198.51.100.7>")], "new offer");
    bench.answer_offer("new answer");
    bench.acks_with("");
    bench.requests(Method::Invite, &[], "third offer");
    bench.answer_offer("third answer");
    bench.wait(Duration::from_millis(1600));
    bench.acks_with("");
    bench.wait(Duration::from_secs(60));
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 2 «new offer»
    * Offered by Invite «new offer»
    ! AnswerOffer «new answer»
    → 200 INVITE 2 «new answer»
    ← ACK 2
    ← INVITE 3 «third offer»
    * Offered by Invite «third offer»
    ! AnswerOffer «third answer»
    → 200 INVITE 3 «third answer»
    500 ms
    → 200 INVITE 3 «third answer»
    1500 ms
    → 200 INVITE 3 «third answer»
    ← ACK 3
    ");
}

#[test]
fn a_re_invite_without_offer_gets_ours() {
    let mut bench = Bench::answered();
    bench.requests(Method::Invite, &[], "");
    bench.answer_offer("our offer");
    bench.acks_with("their answer");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 2
    * Offered by Invite
    ! AnswerOffer «our offer»
    → 200 INVITE 2 «our offer»
    ← ACK 2 «their answer»
    * OfferAnswered «their answer»
    ");
}

#[test]
fn a_re_invite_without_offer_and_without_answer_leaves_the_call_as_it_was() {
    let mut bench = Bench::answered();
    bench.requests(Method::Invite, &[], "");
    bench.answer_offer("our offer");
    bench.acks_with("");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 2
    * Offered by Invite
    ! AnswerOffer «our offer»
    → 200 INVITE 2 «our offer»
    ← ACK 2
    * OfferRefused 488
    ");
    assert!(!bench.is_over());
}

#[test]
fn a_refused_re_invite_leaves_the_call_and_the_target_as_they_were() {
    let mut bench = Bench::answered();
    let moved = contact("<sip:elsewhere@203.0.113.9>");
    bench.requests(Method::Invite, &[moved], "image");
    bench.command(Command::RefuseOffer { status: status(488) });
    bench.end();
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 2 «image»
    * Offered by Invite «image»
    ! RefuseOffer 488
    → 488 INVITE 2
    ! End
    → BYE 1 Reason: Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ");
    assert_eq!(bench.last_request().uri_text(), "sip:peer@198.51.100.1");
}

#[test]
fn what_is_accepted_moves_the_target() {
    let mut bench = Bench::answered();
    bench.requests(Method::Update, &[contact("<sip:elsewhere@203.0.113.9>")], "");
    bench.offer("new offer", OfferBy::Update);
    assert_eq!(bench.last_request().uri_text(), "sip:elsewhere@203.0.113.9");
    bench.answers(200, PEER, &[], "new answer");
    bench.requests(Method::Invite, &[contact("<sip:home@203.0.113.9>")], "newer offer");
    bench.answer_offer("newer answer");
    bench.acks_with("");
    bench.end();
    assert_eq!(bench.last_request().uri_text(), "sip:home@203.0.113.9");
}

#[test]
fn a_repeated_offer_is_a_mere_refresh() {
    let mut bench = Bench::answered();
    bench.requests(Method::Invite, &[], "offer");
    bench.acks_with("");
    bench.requests(Method::Update, &[], "offer");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 2 «offer»
    → 200 INVITE 2 «answer»
    ← ACK 2
    ← UPDATE 3 «offer»
    → 200 UPDATE 3 «answer»
    ");
}

#[test]
fn an_offer_that_repeats_an_answer_is_for_the_owner() {
    let mut bench = Bench::called();
    bench.requests(Method::Invite, &[], "answer");
    assert!(bench.ladder().ends_with("* Offered by Invite «answer»"));
}

#[test]
fn an_update_of_theirs_is_answered_by_the_owner() {
    let mut bench = Bench::answered();
    bench.requests(Method::Update, &[], "new offer");
    bench.answer_offer("new answer");
    bench.requests(Method::Update, &[], "third offer");
    bench.command(Command::RefuseOffer { status: status(488) });
    bench.requests(Method::Update, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← UPDATE 2 «new offer»
    * Offered by Update «new offer»
    ! AnswerOffer «new answer»
    → 200 UPDATE 2 «new answer»
    ← UPDATE 3 «third offer»
    * Offered by Update «third offer»
    ! RefuseOffer 488
    → 488 UPDATE 3
    ← UPDATE 4
    → 200 UPDATE 4
    ");
}

#[test]
fn offers_of_theirs_that_overlap_come_again_later() {
    let mut bench = Bench::answered();
    bench.requests(Method::Invite, &[], "new offer");
    bench.requests(Method::Invite, &[], "too soon");
    bench.requests(Method::Update, &[], "too soon");
    bench.requests(Method::Update, &[], "");
    bench.answer_offer("new answer");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 2 «new offer»
    * Offered by Invite «new offer»
    ← INVITE 3 «too soon»
    → 500 INVITE 3 Retry-After: 4
    ← UPDATE 4 «too soon»
    → 500 UPDATE 4 Retry-After: 7
    ← UPDATE 5
    → 200 UPDATE 5
    ! AnswerOffer «new answer»
    → 200 INVITE 2 «new answer»
    ");
}

#[test]
fn a_re_invite_is_taken_back() {
    let mut bench = Bench::answered();
    bench.requests(Method::Invite, &[], "new offer");
    bench.cancels(2, &[]);
    bench.answer_offer("too late");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 2 «new offer»
    * Offered by Invite «new offer»
    ← CANCEL 2
    → 487 INVITE 2
    * OfferWithdrawn
    ! AnswerOffer «too late»
    ");
    assert!(!bench.is_over());
}

#[test]
fn an_update_that_the_owner_does_not_answer_is_answered_in_time() {
    let mut bench = Bench::answered();
    bench.requests(Method::Update, &[], "new offer");
    bench.wait(Duration::from_secs(30));
    bench.answer_offer("too late");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← UPDATE 2 «new offer»
    * Offered by Update «new offer»
    24000 ms
    → 504 UPDATE 2
    * OfferWithdrawn
    ! AnswerOffer «too late»
    ");
    assert!(!bench.is_over() && bench.sleeps());
}

#[test]
fn a_new_invite_shows_that_the_last_200_arrived() {
    let mut bench = Make::default()
        .callee(super::bench::invite(&[]).body("application/sdp", "offer"))
        .unwrap()
        .0;
    bench.accept("answer");
    bench.requests(Method::Invite, &[], "new offer");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 «offer»
    ! Accept «answer»
    → 200 INVITE 1 «answer»
    ← INVITE 2 «new offer»
    * Confirmed
    * Offered by Invite «new offer»
    ");
}

#[test]
fn our_re_invite_is_answered() {
    let mut bench = Bench::answered();
    bench.offer("new offer", OfferBy::Invite);
    bench.answers(100, "", &[], "");
    bench.answers(200, PEER, &[], "new answer");
    bench.answers_nth(0, 200, PEER, &[], "new answer");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Invite «new offer»
    → INVITE 1 «new offer»
    ← 100 INVITE 1 ()
    ← 200 INVITE 1 «new answer»
    → ACK 1
    * OfferAnswered «new answer»
    ← 200 INVITE 1 «new answer»
    → ACK 1
    ");
    assert_eq!(bench.last_ack().header(HeaderName::CSeq), Some(&b"1 ACK"[..]));
}

#[test]
fn our_re_invite_without_offer_asks_for_theirs() {
    let mut bench = Bench::called();
    bench.offer("", OfferBy::Update);
    bench.answers(200, PEER, &[], "their offer");
    bench.requests(Method::Update, &[], "crossing offer");
    bench.answer_offer("our answer");
    bench.offer("", OfferBy::Invite);
    bench.answers(200, PEER, &[], "second offer");
    bench.command(Command::RefuseOffer { status: status(488) });
    bench.offer("", OfferBy::Invite);
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Update
    → INVITE 2
    ← 200 INVITE 2 «their offer»
    * Offered by Invite «their offer»
    ← UPDATE 2 «crossing offer»
    → 491 UPDATE 2
    ! AnswerOffer «our answer»
    → ACK 2 «our answer»
    ! Offer by Invite
    → INVITE 3
    ← 200 INVITE 3 «second offer»
    * Offered by Invite «second offer»
    ! RefuseOffer 488
    → ACK 3 «our answer»
    ! Offer by Invite
    → INVITE 4
    ← 200 INVITE 4
    → ACK 4
    * OfferRefused 488
    ");
}

#[test]
fn our_update_is_answered() {
    let mut bench = Bench::called();
    bench.offer("new offer", OfferBy::Update);
    bench.answers(200, PEER, &[], "new answer");
    bench.offer("third offer", OfferBy::Update);
    bench.answers(488, PEER, &[], "");
    bench.offer("fourth offer", OfferBy::Update);
    bench.answers(405, PEER, &[], "");
    bench.answers(200, PEER, &[("Allow", "INVITE, BYE")], "fourth answer");
    bench.offer("fifth offer", OfferBy::Update);
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Update «new offer»
    → UPDATE 2 «new offer»
    ← 200 UPDATE 2 «new answer»
    * OfferAnswered «new answer»
    ! Offer by Update «third offer»
    → UPDATE 3 «third offer»
    ← 488 UPDATE 3
    * OfferRefused 488
    ! Offer by Update «fourth offer»
    → UPDATE 4 «fourth offer»
    ← 405 UPDATE 4
    → INVITE 5 «fourth offer»
    ← 200 INVITE 5 «fourth answer»
    → ACK 5
    * OfferAnswered «fourth answer»
    ! Offer by Update «fifth offer»
    → INVITE 6 «fifth offer»
    ");
}

#[test]
fn a_refused_re_invite_of_ours_leaves_the_call_as_it_was() {
    for code in [400, 403, 488, 500, 503, 603] {
        let mut bench = Bench::answered();
        bench.offer("new offer", OfferBy::Invite);
        bench.answers(code, PEER, &[], "");
        assert!(bench.ladder().ends_with(&format!("* OfferRefused {code}")));
        assert!(!bench.is_over());
    }
}

#[test]
fn an_answer_without_description_leaves_the_call_as_it_was() {
    let mut bench = Bench::answered();
    bench.offer("new offer", OfferBy::Invite);
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Invite «new offer»
    → INVITE 1 «new offer»
    ← 200 INVITE 1
    → ACK 1
    * OfferRefused 488
    ");
}

#[test]
fn glare_gives_both_491_and_the_owner_of_the_call_id_waits_longer() {
    let mut caller = Bench::called();
    caller.offer("ours", OfferBy::Invite);
    caller.requests(Method::Invite, &[], "theirs");
    caller.answers(491, PEER, &[], "");
    caller.wait(Duration::from_millis(2_090));
    assert!(caller.ladder().ends_with("← 491 INVITE 2"), "{}", caller.ladder());
    caller.wait(Duration::from_millis(2_000));
    let mut callee = Bench::answered();
    callee.offer("ours", OfferBy::Invite);
    callee.requests(Method::Invite, &[], "theirs");
    callee.answers(491, PEER, &[], "");
    callee.wait(Duration::from_millis(2_000));
    callee.answers(200, PEER, &[], "their answer");
    insta::assert_snapshot!(caller.ladder() + "\n\n" + &callee.ladder(), @r"
    ! Offer by Invite «ours»
    → INVITE 2 «ours»
    ← INVITE 2 «theirs»
    → 491 INVITE 2
    ← 491 INVITE 2
    2840 ms
    → INVITE 3 «ours»

    ! Offer by Invite «ours»
    → INVITE 1 «ours»
    ← INVITE 2 «theirs»
    → 491 INVITE 2
    ← 491 INVITE 1
    780 ms
    → INVITE 2 «ours»
    ← 200 INVITE 2 «their answer»
    → ACK 2
    * OfferAnswered «their answer»
    ");
}

#[test]
fn an_offer_of_theirs_during_the_wait_makes_ours_stale() {
    let mut bench = Bench::called();
    bench.offer("ours", OfferBy::Invite);
    bench.answers(491, PEER, &[], "");
    bench.requests(Method::Invite, &[], "theirs");
    bench.offer("impatient", OfferBy::Invite);
    bench.answer_offer("our answer");
    bench.offer("ours, again", OfferBy::Invite);
    bench.acks_with("");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Invite «ours»
    → INVITE 2 «ours»
    ← 491 INVITE 2
    ← INVITE 2 «theirs»
    * OfferRefused 491
    * Offered by Invite «theirs»
    ! Offer by Invite «impatient»
    * OfferRefused 491
    ! AnswerOffer «our answer»
    → 200 INVITE 2 «our answer»
    ! Offer by Invite «ours, again»
    ← ACK 2
    → INVITE 3 «ours, again»
    ");
}

#[test]
fn glare_without_end_is_given_up() {
    let mut bench = Bench::called();
    bench.offer("ours", OfferBy::Invite);
    for _ in 0..5 {
        bench.answers(491, PEER, &[], "");
        bench.wait(Duration::from_secs(5));
    }
    assert!(bench.ladder().ends_with("* OfferRefused 491"), "{}", bench.ladder());
    bench.wait(Duration::from_secs(20));
    assert!(bench.sleeps());
}

#[test]
fn a_later_offer_replaces_one_that_waits() {
    let mut bench = Bench::called();
    bench.offer("first", OfferBy::Invite);
    bench.offer("second", OfferBy::Invite);
    bench.offer("third", OfferBy::Invite);
    bench.answers(200, PEER, &[], "first answer");
    bench.answers(200, PEER, &[], "third answer");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Invite «first»
    → INVITE 2 «first»
    ! Offer by Invite «second»
    ! Offer by Invite «third»
    ← 200 INVITE 2 «first answer»
    → ACK 2
    * OfferAnswered «first answer»
    → INVITE 3 «third»
    ← 200 INVITE 3 «third answer»
    → ACK 3
    * OfferAnswered «third answer»
    ");
}

#[test]
fn an_update_is_no_obstacle_to_one_without_offer() {
    let mut bench = Bench::called();
    bench.offer("ours", OfferBy::Update);
    bench.requests(Method::Update, &[], "");
    bench.requests(Method::Update, &[], "theirs");
    bench.answers(200, PEER, &[], "answer");
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Offer by Update «ours»
    → UPDATE 2 «ours»
    ← UPDATE 2
    → 200 UPDATE 2
    ← UPDATE 3 «theirs»
    → 491 UPDATE 3
    ← 200 UPDATE 2 «answer»
    * OfferAnswered «answer»
    ");
}

fn contact(value: &'static str) -> (&'static str, &'static str) {
    ("Contact", value)
}
