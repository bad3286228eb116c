//! Incoming calls until they are answered, refused or given up.

use std::time::Duration;

use super::bench::{Bench, Make, invite, status};
use crate::{
    session::{Command, Extra, Input, ladder::response_line},
    wire::{
        HeaderName, Method,
        header::{Reason, RecordRoute, To},
    },
};

fn called(headers: &[(&str, &str)], offer: &str) -> Bench {
    let request = invite(headers);
    let request = if offer.is_empty() {
        request
    } else {
        request.body("application/sdp", offer.to_owned())
    };
    Make::default().callee(request).unwrap().0
}

fn refusal(headers: &[(&str, &str)], content_type: &str, body: &str) -> String {
    let request = invite(headers);
    let request = if body.is_empty() {
        request
    } else {
        request.body(content_type, body.to_owned())
    };
    match Make::default().callee(request) {
        Ok(_) => "taken".into(),
        Err(response) => response_line(&response),
    }
}

#[test]
fn a_call_rings_and_is_answered() {
    let mut bench = called(&[("Record-Route", "<sip:edge.example;lr>")], "offer");
    bench.progress(180, "");
    bench.progress(183, "preview");
    bench.accept("answer");
    bench.acks_with("");
    bench.requests(Method::Bye, &[("Reason", "Q.850;cause=16")], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 Record-Route: <sip:edge.example;lr> «offer»
    ! Progress 180
    → 180 INVITE 1 Record-Route: <sip:edge.example;lr>
    ! Progress 183 «preview»
    → 183 INVITE 1 Record-Route: <sip:edge.example;lr> «preview»
    ! Accept «answer»
    → 200 INVITE 1 Record-Route: <sip:edge.example;lr> «answer»
    ← ACK 1
    * Confirmed
    ← BYE 2 Reason: Q.850;cause=16
    → 200 BYE 2
    * Ended by Remote Q.850;cause=16
    ");
    assert!(bench.is_over());
}

#[test]
fn a_call_without_offer_gets_ours_and_answers_it_in_the_ack() {
    let mut bench = called(&[], "");
    bench.progress(183, "dropped, because the caller has not offered anything");
    bench.accept("our offer");
    bench.acks_with("their answer");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1
    ! Progress 183 «dropped, because the caller has not offered anything»
    → 183 INVITE 1
    ! Accept «our offer»
    → 200 INVITE 1 «our offer»
    ← ACK 1 «their answer»
    * Confirmed «their answer»
    ");
}

#[test]
fn a_call_without_offer_whose_ack_brings_no_answer_ends() {
    let mut bench = called(&[], "");
    bench.accept("our offer");
    bench.acks_with("");
    bench.answers(200, "", &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1
    ! Accept «our offer»
    → 200 INVITE 1 «our offer»
    ← ACK 1
    → BYE 1
    * Ended by Failure(Protocol)
    ← 200 BYE 1 ()
    ");
    assert!(bench.is_over());
}

#[test]
fn a_200_comes_again_until_its_ack() {
    let mut bench = called(&[], "offer");
    bench.accept("answer");
    bench.wait(Duration::from_secs(13));
    bench.acks_with("");
    bench.wait(Duration::from_secs(60));
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 «offer»
    ! Accept «answer»
    → 200 INVITE 1 «answer»
    500 ms
    → 200 INVITE 1 «answer»
    1500 ms
    → 200 INVITE 1 «answer»
    3500 ms
    → 200 INVITE 1 «answer»
    7500 ms
    → 200 INVITE 1 «answer»
    11500 ms
    → 200 INVITE 1 «answer»
    ← ACK 1
    * Confirmed
    ");
}

#[test]
fn without_any_ack_the_call_ends_after_64_t1() {
    let mut bench = called(&[], "offer");
    bench.accept("answer");
    bench.forget();
    bench.wait(Duration::from_secs(40));
    insta::assert_snapshot!(bench.ladder(), @r"
    500 ms
    → 200 INVITE 1 «answer»
    1500 ms
    → 200 INVITE 1 «answer»
    3500 ms
    → 200 INVITE 1 «answer»
    7500 ms
    → 200 INVITE 1 «answer»
    11500 ms
    → 200 INVITE 1 «answer»
    15500 ms
    → 200 INVITE 1 «answer»
    19500 ms
    → 200 INVITE 1 «answer»
    23500 ms
    → 200 INVITE 1 «answer»
    27500 ms
    → 200 INVITE 1 «answer»
    31500 ms
    → 200 INVITE 1 «answer»
    32000 ms
    → BYE 1
    * Ended by Failure(Unacknowledged)
    ");
}

#[test]
fn a_caller_who_waits_is_reminded_each_minute() {
    let mut bench = called(&[], "offer");
    bench.progress(180, "");
    bench.wait(Duration::from_secs(130));
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 «offer»
    ! Progress 180
    → 180 INVITE 1
    60000 ms
    → 180 INVITE 1
    120000 ms
    → 180 INVITE 1
    ");
}

#[test]
fn a_caller_who_gives_up_gets_487_and_says_why() {
    let mut bench = called(&[], "offer");
    bench.progress(180, "");
    bench.cancels(1, &[("Reason", "SIP;cause=200;text=\"Call completed elsewhere\"")]);
    insta::assert_snapshot!(bench.ladder(), @r#"
    ← INVITE 1 «offer»
    ! Progress 180
    → 180 INVITE 1
    ← CANCEL 1 Reason: SIP;cause=200;text="Call completed elsewhere"
    → 487 INVITE 1
    * Ended by Remote 487 SIP;cause=200;text="Call completed elsewhere"
    "#);
    assert!(bench.is_over());
}

#[test]
fn a_cancel_after_the_200_changes_nothing() {
    let mut bench = called(&[], "offer");
    bench.accept("answer");
    bench.cancels(1, &[]);
    bench.acks_with("");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 «offer»
    ! Accept «answer»
    → 200 INVITE 1 «answer»
    ← CANCEL 1
    ← ACK 1
    * Confirmed
    ");
    assert!(!bench.is_over());
}

#[test]
fn a_bye_before_the_answer_gets_200_and_the_invite_487() {
    let mut bench = called(&[], "offer");
    bench.requests(Method::Bye, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 «offer»
    ← BYE 2
    → 200 BYE 2
    → 487 INVITE 1
    * Ended by Remote 487
    ");
    assert!(bench.is_over());
}

#[test]
fn a_call_is_refused_with_headers_of_the_owner() {
    let mut bench = called(&[], "offer");
    let headers = vec![
        Extra::new(HeaderName::RetryAfter, "30"),
        Extra::new(HeaderName::CallId, "not ours to give"),
    ];
    bench.command(Command::Reject {
        status: status(486),
        headers,
    });
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 «offer»
    ! Reject 486
    → 486 INVITE 1 Retry-After: 30
    * Ended by Local 486
    ");
    assert!(bench.is_over());
}

#[test]
fn ending_a_call_that_is_not_answered_refuses_it() {
    let mut bench = called(&[], "offer");
    bench.end();
    let mut other = called(&[], "offer");
    let reasons = vec![Reason::sip(status(200), "Call completed elsewhere")];
    other.command(Command::End {
        status: Some(status(603)),
        reasons,
    });
    insta::assert_snapshot!(bench.ladder() + "\n\n" + &other.ladder(), @r#"
    ← INVITE 1 «offer»
    ! End
    → 480 INVITE 1 Reason: Q.850;cause=16
    * Ended by Local 480 Q.850;cause=16

    ← INVITE 1 «offer»
    ! End
    → 603 INVITE 1 Reason: SIP;cause=200;text="Call completed elsewhere"
    * Ended by Local 603 SIP;cause=200;text="Call completed elsewhere"
    "#);
}

#[test]
fn a_final_answer_cannot_be_a_success_by_reject() {
    let mut bench = called(&[], "offer");
    bench.command(Command::Reject {
        status: status(200),
        headers: Vec::new(),
    });
    bench.command(Command::End {
        status: Some(status(180)),
        reasons: Vec::new(),
    });
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 «offer»
    ! Reject 200
    ! End
    → 480 INVITE 1
    * Ended by Local 480
    ");
}

#[test]
fn requests_before_the_answer() {
    let mut bench = called(&[], "offer");
    bench.requests(Method::Update, &[], "");
    bench.requests(Method::Update, &[], "another offer");
    bench.requests(Method::Invite, &[], "another offer");
    bench.requests(Method::Options, &[], "");
    bench.requests(Method::Prack, &[], "");
    bench.requests(Method::Refer, &[], "");
    bench.requests_as(Method::Info, 9, "stranger", &[], "");
    bench.requests_as(Method::Info, 2, super::bench::PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 «offer»
    ← UPDATE 2
    → 200 UPDATE 2
    ← UPDATE 3 «another offer»
    → 500 UPDATE 3 Retry-After: 4
    ← INVITE 4 «another offer»
    → 500 INVITE 4 Retry-After: 7
    ← OPTIONS 5
    → 200 OPTIONS 5 Accept: application/sdp, application/dtmf-relay, application/dtmf
    ← PRACK 6
    → 481 PRACK 6
    ← REFER 7
    → 481 REFER 7
    ← INFO 9
    → 481 INFO 9
    ← INFO 2
    → 500 INFO 2
    ");
}

#[test]
fn what_no_session_can_do_is_refused_at_once() {
    assert_eq!(
        refusal(&[("Require", "timer, levitation")], "", ""),
        "420 INVITE 1 Unsupported: levitation"
    );
    assert_eq!(
        refusal(&[], "text/plain", "hello"),
        "415 INVITE 1 Accept: application/sdp"
    );
    let optional = [("Content-Disposition", "render; handling=optional")];
    assert_eq!(refusal(&optional, "text/plain", "hello"), "taken");
    let encoded = [("Content-Encoding", "gzip")];
    assert_eq!(
        refusal(&encoded, "application/sdp", "x"),
        "415 INVITE 1 Accept-Encoding: identity"
    );
    let brief = [("Supported", "timer"), ("Session-Expires", "60")];
    assert_eq!(refusal(&brief, "", ""), "422 INVITE 1 Min-SE: 90");
    assert_eq!(refusal(&[("Session-Expires", "60")], "", ""), "taken");
    assert_eq!(refusal(&[("Replaces", "nonsense")], "", ""), "400 INVITE 1");
    assert_eq!(
        refusal(
            &[("Replaces", "a;to-tag=b;from-tag=c"), ("Require", "replaces")],
            "",
            ""
        ),
        "taken"
    );
}

#[test]
fn an_invitation_tells_whose_place_the_call_takes() {
    let request = invite(&[("Replaces", "a;to-tag=b;from-tag=c")]);
    let (_, invitation) = Make::default().callee(request).unwrap();
    let replaces = invitation.replaces.unwrap();
    assert_eq!(
        (replaces.call_id().as_str(), replaces.to_tag(), replaces.from_tag()),
        ("a", "b", "c")
    );
    assert_eq!(invitation.sdp, None);
}

#[test]
fn the_answer_makes_the_dialog() {
    let request = invite(&[
        ("Record-Route", "<sip:a;lr>"),
        ("Record-Route", "<sip:b;lr>, <sip:c;lr>"),
    ]);
    let (mut bench, _) = Make::default()
        .callee(request.body("application/sdp", "offer"))
        .unwrap();
    bench.accept("answer");
    bench.acks_with("");
    bench.end();
    let bye = bench.last_request();
    assert_eq!(bye.uri_text(), "sip:peer@198.51.100.1");
    let routes: Vec<&[u8]> = bye.headers(HeaderName::Route).collect();
    assert_eq!(routes, [&b"<sip:a;lr>"[..], b"<sip:b;lr>", b"<sip:c;lr>"]);
    assert_eq!(bye.typed::<RecordRoute>().unwrap(), None);
    assert_eq!(bye.require::<To>().unwrap().tag(), Some(super::bench::PEER));
}

#[test]
fn an_invite_without_contact_makes_no_dialog() {
    let bare = invite(&[]).build().remove(HeaderName::Contact);
    let Err(refused) = Make::default().callee_from(bare) else {
        panic!("taken")
    };
    assert_eq!(response_line(&refused), "400 INVITE 1");
}

#[test]
fn commands_that_make_no_sense_yet_are_harmless() {
    let mut bench = called(&[], "offer");
    bench.offer("x", crate::session::OfferBy::Invite);
    bench.answer_offer("x");
    bench.put(Input::Command(Command::RefuseOffer { status: status(488) }));
    bench.command(Command::Send {
        tag: 7,
        method: Method::Info,
        headers: Vec::new(),
        content: None,
    });
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 1 «offer»
    ! Offer by Invite «x»
    * OfferRefused 491
    ! AnswerOffer «x»
    ! Send INFO
    * Replied to 7: unsent
    ");
}
