//! Outgoing calls until they are answered, refused or given up.

use std::time::Duration;

use super::bench::{Bench, Make, PEER};
use crate::{
    session::{Command, OfferBy},
    transaction::Failure,
    wire::{
        HeaderName, Method,
        header::{CSeq, From, To},
    },
};

#[test]
fn a_call_rings_and_is_answered() {
    let mut bench = Make::default().caller();
    bench.answers(100, "", &[], "");
    bench.answers(180, PEER, &[("Record-Route", "<sip:edge.example;lr>")], "");
    bench.answers(183, PEER, &[], "preview");
    bench.answers(200, PEER, &[("Record-Route", "<sip:edge.example;lr>")], "answer");
    bench.answers_nth(0, 200, PEER, &[("Record-Route", "<sip:edge.example;lr>")], "answer");
    bench.end();
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 100 INVITE 1 ()
    ← 180 INVITE 1 Record-Route: <sip:edge.example;lr>
    * Progress Branch(0) 180
    ← 183 INVITE 1 «preview»
    * Progress Branch(0) 183 «preview»
    ← 200 INVITE 1 Record-Route: <sip:edge.example;lr> «answer»
    → ACK 1 Route: <sip:edge.example;lr>
    * Answered Branch(0) «answer»
    ← 200 INVITE 1 Record-Route: <sip:edge.example;lr> «answer»
    → ACK 1 Route: <sip:edge.example;lr>
    ! End
    → BYE 2 Reason: Q.850;cause=16 Route: <sip:edge.example;lr>
    * Ended by Local Q.850;cause=16
    ← 200 BYE 2
    ");
    bench.wait(Duration::from_secs(40));
    assert!(bench.is_over());
}

#[test]
fn the_invite_says_who_calls_whom() {
    let bench = Make {
        routes: vec!["sip:proxy.example;lr"],
        ..Make::default()
    }
    .caller();
    let invite = bench.last_request();
    assert_eq!(invite.uri_text(), "sip:bob@biloxi.example");
    assert!(
        invite
            .require::<From>()
            .unwrap()
            .tag()
            .is_some_and(|tag| tag.len() >= 8)
    );
    assert_eq!(invite.require::<To>().unwrap().tag(), None);
    for (name, value) in [
        (HeaderName::Route, "<sip:proxy.example;lr>"),
        (HeaderName::CallId, "call-1"),
        (HeaderName::CSeq, "1 INVITE"),
        (HeaderName::MaxForwards, "70"),
        (HeaderName::Contact, "<sip:us@192.0.2.1>"),
        (
            HeaderName::Allow,
            "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER",
        ),
        (HeaderName::Supported, "timer, replaces, 100rel, norefersub"),
        (HeaderName::SessionExpires, "1800"),
        (HeaderName::Subject, "lunch"),
        (HeaderName::ContentType, "application/sdp"),
    ] {
        assert_eq!(invite.header(name.clone()), Some(value.as_bytes()), "{name}");
    }
    assert_eq!(invite.header(HeaderName::Via), None, "the owner cannot forge a Via");
}

#[test]
fn a_strict_router_stands_in_the_request_line() {
    let bench = Make {
        routes: vec!["sip:strict.example", "sip:next.example;lr"],
        ..Make::default()
    }
    .caller();
    let invite = bench.last_request();
    assert_eq!(invite.uri_text(), "sip:strict.example");
    let routes: Vec<&[u8]> = invite.headers(HeaderName::Route).collect();
    assert_eq!(routes, [&b"<sip:next.example;lr>"[..], b"<sip:bob@biloxi.example>"]);
}

#[test]
fn a_200_without_description_takes_that_of_its_branch() {
    let mut bench = Make::default().caller();
    bench.answers(183, PEER, &[], "early answer");
    bench.answers(183, "other", &[], "other answer");
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 183 INVITE 1 «early answer»
    * Progress Branch(0) 183 «early answer»
    ← 183 INVITE 1 «other answer» (other)
    * Progress Branch(1) 183 «other answer»
    ← 200 INVITE 1
    → ACK 1
    * Answered Branch(0) «early answer»
    ");
}

#[test]
fn a_200_without_any_answer_ends_the_call() {
    let mut bench = Make::default().caller();
    bench.answers(200, PEER, &[], "");
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 200 INVITE 1
    → ACK 1
    → BYE 2
    * Ended by Failure(Protocol)
    ← 200 BYE 2
    ");
}

#[test]
fn a_call_without_offer_is_acknowledged_with_the_owners_answer() {
    let mut bench = Make {
        offerless: true,
        ..Make::default()
    }
    .caller();
    bench.answers(200, PEER, &[], "their offer");
    bench.answers_nth(0, 200, PEER, &[], "their offer");
    bench.answer_offer("our answer");
    bench.answers_nth(0, 200, PEER, &[], "their offer");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch
    ← 200 INVITE 1 «their offer»
    * Answered Branch(0)
    * Offered by Invite «their offer»
    ← 200 INVITE 1 «their offer»
    ! AnswerOffer «our answer»
    → ACK 1 «our answer»
    ← 200 INVITE 1 «their offer»
    → ACK 1 «our answer»
    ");
}

#[test]
fn a_call_without_offer_whose_answer_is_refused_ends() {
    let mut bench = Make {
        offerless: true,
        ..Make::default()
    }
    .caller();
    bench.answers(200, PEER, &[], "their offer");
    bench.command(Command::RefuseOffer {
        status: super::bench::status(488),
    });
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch
    ← 200 INVITE 1 «their offer»
    * Answered Branch(0)
    * Offered by Invite «their offer»
    ! RefuseOffer 488
    → ACK 1
    → BYE 2
    * Ended by Local 488
    ");
}

#[test]
fn an_offer_in_the_200_that_nobody_answers_ends_the_call() {
    let mut bench = Make {
        offerless: true,
        ..Make::default()
    }
    .caller();
    bench.answers(200, PEER, &[], "their offer");
    bench.wait(Duration::from_secs(33));
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch
    ← 200 INVITE 1 «their offer»
    * Answered Branch(0)
    * Offered by Invite «their offer»
    32000 ms
    → ACK 1
    → BYE 2
    * Ended by Failure(Protocol)
    ");
}

#[test]
fn branches_ring_and_the_first_answer_wins() {
    let mut bench = Make::default().caller();
    bench.answers(180, "a", &[], "");
    bench.answers(183, "b", &[], "music");
    bench.answers(199, "a", &[], "");
    bench.answers(200, "c", &[], "answer c");
    bench.answers_nth(0, 200, "b", &[], "answer b");
    bench.answers_nth(0, 200, "b", &[], "answer b");
    bench.answers(200, "b", &[], "");
    insta::assert_snapshot!(bench.ladder(), @r#"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 180 INVITE 1 (a)
    * Progress Branch(0) 180
    ← 183 INVITE 1 «music» (b)
    * Progress Branch(1) 183 «music»
    ← 199 INVITE 1 (a)
    * Progress Branch(0) 199
    ← 200 INVITE 1 «answer c» (c)
    → ACK 1
    * Answered Branch(2) «answer c»
    ← 200 INVITE 1 «answer b» (b)
    → ACK 1
    → BYE 2 Reason: SIP;cause=200;text="Call completed elsewhere"
    ← 200 INVITE 1 «answer b» (b)
    → ACK 1
    ← 200 BYE 2 (b)
    "#);
    assert!(!bench.is_over());
}

#[test]
fn giving_up_cancels() {
    let mut bench = Make::default().caller();
    bench.end();
    bench.answers(180, PEER, &[], "");
    bench.answers(487, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ! End
    → CANCEL Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ← 180 INVITE 1
    ← 487 INVITE 1
    ");
    assert!(bench.is_over());
}

#[test]
fn a_200_that_crosses_the_cancel_is_acknowledged_and_ended() {
    let mut bench = Make::default().caller();
    bench.answers(180, PEER, &[], "");
    bench.end();
    bench.answers(200, PEER, &[], "answer");
    bench.answers_nth(0, 200, PEER, &[], "answer");
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 180 INVITE 1
    * Progress Branch(0) 180
    ! End
    → CANCEL Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ← 200 INVITE 1 «answer»
    → ACK 1
    → BYE 2 Reason: Q.850;cause=16
    ← 200 INVITE 1 «answer»
    → ACK 1
    ← 200 BYE 2
    ");
    bench.wait(Duration::from_secs(33));
    assert!(bench.is_over());
}

#[test]
fn a_cancelled_call_that_fails_is_over() {
    let mut bench = Make::default().caller();
    bench.end();
    bench.fails(Failure::Timeout);
    assert!(bench.is_over());
}

#[test]
fn a_redirection_tells_where_to() {
    let mut bench = Make::default().caller();
    let contacts = ("Contact", "<sip:carol@chicago.example>;q=0.7, <tel:+441632960123>");
    bench.answers(302, PEER, &[contacts], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 302 INVITE 1
    * Ended by Remote 302 at <sip:carol@chicago.example>;q=0.7 at <tel:+441632960123>
    ");
}

#[test]
fn a_refusal_tells_why_and_until_when() {
    let mut bench = Make::default().caller();
    bench.answers(
        503,
        PEER,
        &[("Retry-After", "120 (maintenance)"), ("Reason", "Q.850;cause=34")],
        "",
    );
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 503 INVITE 1 Reason: Q.850;cause=34 Retry-After: 120 (maintenance)
    * Ended by Remote 503 Q.850;cause=34 again in 120 s
    ");
    assert!(bench.is_over());
}

#[test]
fn glare_on_the_first_invite_is_a_refusal() {
    let mut bench = Make::default().caller();
    bench.answers(491, PEER, &[], "");
    assert!(bench.ladder().ends_with("* Ended by Remote 491"));
}

#[test]
fn silence_and_lost_connections_end_the_call() {
    let mut silent = Make::default().caller();
    silent.fails(Failure::Timeout);
    assert!(silent.ladder().ends_with("* Ended by Failure(Timeout) 408"));
    let mut lost = Make::default().caller();
    lost.fails(Failure::Transport);
    assert!(lost.ladder().ends_with("* Ended by Failure(Transport) 503"));
    assert!(silent.is_over() && lost.is_over());
}

#[test]
fn a_longer_session_interval_is_agreed_to_once() {
    let mut bench = Make::default().caller();
    bench.answers(422, PEER, &[("Min-SE", "3600")], "");
    bench.answers(200, PEER, &[("Session-Expires", "3600;refresher=uac")], "answer");
    let mut stubborn = Make::default().caller();
    stubborn.answers(422, PEER, &[("Min-SE", "3600")], "");
    stubborn.answers(422, PEER, &[("Min-SE", "3600")], "");
    insta::assert_snapshot!(bench.ladder() + "\n\n" + &stubborn.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 422 INVITE 1 Min-SE: 3600
    → INVITE 2 Min-SE: 3600 Session-Expires: 3600 Subject: lunch «offer»
    ← 200 INVITE 2 Session-Expires: 3600;refresher=uac «answer»
    → ACK 2
    * Answered Branch(0) «answer»

    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← 422 INVITE 1 Min-SE: 3600
    → INVITE 2 Min-SE: 3600 Session-Expires: 3600 Subject: lunch «offer»
    ← 422 INVITE 2 Min-SE: 3600
    * Ended by Remote 422
    ");
}

#[test]
fn requests_before_the_answer() {
    let mut bench = Make::default().caller();
    bench.requests(Method::Update, &[], "too early");
    bench.answers(180, PEER, &[], "");
    bench.requests(Method::Update, &[], "");
    bench.requests(Method::Update, &[], "an offer");
    bench.requests(Method::Info, &[], "application/dtmf|5");
    bench.requests(Method::Notify, &[], "");
    bench.offer("ours", OfferBy::Update);
    bench.requests(Method::Bye, &[], "");
    bench.requests(Method::Info, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    → INVITE 1 Session-Expires: 1800 Subject: lunch «offer»
    ← UPDATE 2 «too early»
    → 481 UPDATE 2
    ← 180 INVITE 1
    * Progress Branch(0) 180
    ← UPDATE 3
    → 200 UPDATE 3
    ← UPDATE 4 «an offer»
    → 491 UPDATE 4
    ← INFO 5 «5»
    → 200 INFO 5
    * Digit 5 for 160 ms
    ← NOTIFY 6
    → 481 NOTIFY 6
    ! Offer by Update «ours»
    * OfferRefused 491
    ← BYE 7
    → 200 BYE 7
    ← INFO 8
    → 481 INFO 8
    ");
}

#[test]
fn requests_go_on_counting_where_the_invite_stopped() {
    let mut bench = Bench::called();
    bench.end();
    let bye = bench.last_request();
    assert_eq!(bye.require::<CSeq>().unwrap().number(), 2);
    assert_eq!(bye.uri_text(), "sip:peer@198.51.100.1");
}
