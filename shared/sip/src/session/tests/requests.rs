//! Requests within an answered call that change nothing: INFO, OPTIONS, other usages, strangers and strays.

use super::bench::{Bench, Make, PEER, status};
use crate::{
    session::{Command, Content, Digit, Extra},
    transaction::Failure,
    wire::{HeaderName, Method},
};

fn info(digit: char) -> Command {
    Command::Send {
        tag: 7,
        method: Method::Info,
        headers: vec![Extra::new(HeaderName::Route, "<sip:evil.example>")],
        content: Some(Digit::new(digit, 160).unwrap().relay()),
    }
}

#[test]
fn keys_and_other_infos_are_answered_and_told() {
    let mut bench = Bench::answered();
    bench.requests(Method::Info, &[], "application/dtmf-relay|Signal=5\r\nDuration=250\r\n");
    bench.requests(Method::Info, &[], "application/dtmf|#");
    bench.requests(Method::Info, &[], "application/media_control+xml|<media_control/>");
    bench.requests(Method::Info, &[], "");
    bench.requests(Method::Info, &[("Info-Package", "foo")], "text/plain|x");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INFO 2 «application/dtmf-relay»
    → 200 INFO 2
    * Digit 5 for 250 ms
    ← INFO 3 «#»
    → 200 INFO 3
    * Digit # for 160 ms
    ← INFO 4 «<media_control/>»
    → 200 INFO 4
    * Info [application/media_control+xml, 16 bytes]
    ← INFO 5
    → 200 INFO 5
    ← INFO 6 «x»
    → 469 INFO 6
    ");
}

#[test]
fn our_keys_are_sent_and_the_reply_is_told() {
    let mut bench = Bench::called();
    bench.command(info('1'));
    assert_eq!(
        bench.last_request().header(HeaderName::Route),
        None,
        "the owner cannot reroute"
    );
    bench.answers(200, PEER, &[], "");
    bench.command(info('2'));
    bench.answers(415, PEER, &[], "");
    bench.command(info('3'));
    bench.fails(Failure::Transport);
    bench.command(Command::Send {
        tag: 8,
        method: Method::Bye,
        headers: Vec::new(),
        content: None,
    });
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Send INFO
    → INFO 2 «application/dtmf-relay»
    ← 200 INFO 2
    * Replied to 7: 200
    ! Send INFO
    → INFO 3 «application/dtmf-relay»
    ← 415 INFO 3
    * Replied to 7: 415
    ! Send INFO
    → INFO 4 «application/dtmf-relay»
    ← Transport
    * Replied to 7: Transport
    ! Send BYE
    * Replied to 8: unsent
    ");
    bench.command(info('4'));
    bench.answers(481, PEER, &[], "");
    assert!(
        bench
            .ladder()
            .ends_with("* Replied to 7: 481\n* Ended by Failure(Forgotten)")
    );
}

#[test]
fn options_tells_what_we_can_do() {
    let mut bench = Bench::answered();
    bench.requests(Method::Options, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← OPTIONS 2
    → 200 OPTIONS 2 Accept: application/sdp, application/dtmf-relay, application/dtmf
    ");
}

#[test]
fn other_usages_are_the_owners_business() {
    let mut bench = Bench::answered();
    bench.requests(Method::Subscribe, &[], "");
    bench.requests(Method::Notify, &[], "");
    let respond = |nth, code, content| Command::Respond {
        key: Bench::key(nth),
        status: status(code),
        headers: Vec::new(),
        content,
    };
    bench.command(respond(3, 489, None));
    let content = Content {
        content_type: "text/plain".into(),
        body: "hello".into(),
    };
    bench.command(respond(2, 100, None));
    bench.command(respond(2, 202, Some(content)));
    bench.command(respond(2, 202, None));
    insta::assert_snapshot!(bench.ladder(), @r"
    ← SUBSCRIBE 2
    * Other SUBSCRIBE
    ← NOTIFY 3
    * Other NOTIFY
    ! Respond 489
    → 489 NOTIFY 3
    ! Respond 100
    ! Respond 202
    → 202 SUBSCRIBE 2 «hello»
    ! Respond 202
    ");
}

#[test]
fn what_we_do_not_know_is_refused_in_the_protocols_words() {
    let mut bench = Bench::answered();
    bench.requests(Method::Message, &[], "text/plain|hello");
    bench.requests(Method::new("FROBNICATE").unwrap(), &[], "");
    bench.requests(Method::Info, &[("Require", "frobnication")], "");
    bench.requests(Method::Invite, &[], "text/plain|hello");
    bench.requests(Method::Update, &[], "text/plain|hello");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← MESSAGE 2 «hello»
    → 405 MESSAGE 2
    ← FROBNICATE 3
    → 405 FROBNICATE 3
    ← INFO 4 Require: frobnication
    → 420 INFO 4 Unsupported: frobnication
    ← INVITE 5 «hello»
    → 415 INVITE 5 Accept: application/sdp
    ← UPDATE 6 «hello»
    → 415 UPDATE 6 Accept: application/sdp
    ");
}

#[test]
fn a_replaces_header_can_be_matched() {
    let mut bench = Bench::answered();
    assert_eq!(bench.session().remote_tag(), Some(PEER));
    bench.requests(Method::Bye, &[], "");
    assert_eq!(bench.session().remote_tag(), None);
    assert_eq!(Make::default().caller().session().remote_tag(), None);
}

#[test]
fn sequence_numbers_must_rise() {
    let mut bench = Bench::answered();
    bench.requests_as(Method::Info, 10, PEER, &[], "");
    bench.requests_as(Method::Info, 10, PEER, &[], "");
    bench.requests_as(Method::Bye, 9, PEER, &[], "");
    bench.requests_as(Method::Info, 12, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INFO 10
    → 200 INFO 10
    ← INFO 10
    → 500 INFO 10
    ← BYE 9
    → 500 BYE 9
    ← INFO 12
    → 200 INFO 12
    ");
    assert!(!bench.is_over());
}

#[test]
fn somebody_elses_tag_is_no_part_of_the_call() {
    let mut bench = Bench::answered();
    for method in [Method::Bye, Method::Invite, Method::Update, Method::Info, Method::Refer] {
        bench.requests_as(method, 50, "stranger", &[], "");
    }
    insta::assert_snapshot!(bench.ladder(), @r"
    ← BYE 50
    → 481 BYE 50
    ← INVITE 50
    → 481 INVITE 50
    ← UPDATE 50
    → 481 UPDATE 50
    ← INFO 50
    → 481 INFO 50
    ← REFER 50
    → 481 REFER 50
    ");
    assert!(!bench.is_over());
}

#[test]
fn a_challenge_is_not_answered_without_credentials() {
    let mut bench = Bench::called_with(Make::default(), &[]);
    bench.command(info('1'));
    bench.answers(
        401,
        PEER,
        &[("WWW-Authenticate", "Digest realm=\"biloxi.example\", nonce=\"1\"")],
        "",
    );
    insta::assert_snapshot!(bench.ladder(), @r"
    ! Send INFO
    → INFO 2 «application/dtmf-relay»
    ← 401 INFO 2
    * Replied to 7: 401
    ");
}
