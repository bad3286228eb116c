//! The session timer in both roles, refreshed or not (RFC 4028).

use std::time::Duration;

use super::bench::{Bench, Make, PEER, invite, status};
use crate::{
    session::{Command, OfferBy, Refresher, TimerPolicy},
    transaction::Failure,
    wire::Method,
};

const WE_REFRESH: &[(&str, &str)] = &[("Session-Expires", "1800;refresher=uac"), ("Allow", "UPDATE")];
const THEY_REFRESH: &[(&str, &str)] = &[("Session-Expires", "1800;refresher=uas"), ("Allow", "UPDATE")];

fn policy(interval_secs: u32, min_se_secs: u32, refresher: Refresher) -> Make {
    Make {
        timer: Some(TimerPolicy {
            interval_secs,
            min_se_secs,
            refresher,
        }),
        ..Make::default()
    }
}

/// What we answer to an INVITE with these headers.
fn granted(make: Make, headers: &[(&str, &str)]) -> String {
    let (mut bench, _) = make.callee(invite(headers).body("application/sdp", "offer")).unwrap();
    bench.forget();
    bench.accept("answer");
    bench.ladder().lines().last().unwrap().to_owned()
}

#[test]
fn we_refresh_by_update_at_half_time() {
    let mut bench = Bench::called_with(Make::default(), WE_REFRESH);
    bench.wait(Duration::from_secs(900));
    bench.answers(200, PEER, &[("Session-Expires", "1800;refresher=uac")], "");
    bench.wait(Duration::from_secs(900));
    insta::assert_snapshot!(bench.ladder(), @r"
    900000 ms
    → UPDATE 2 Session-Expires: 1800;refresher=uac
    ← 200 UPDATE 2 Session-Expires: 1800;refresher=uac
    1800000 ms
    → UPDATE 3 Session-Expires: 1800;refresher=uac
    ");
}

#[test]
fn we_refresh_by_re_invite_where_update_is_unknown() {
    let mut bench = Bench::called_with(Make::default(), &[("Session-Expires", "1800;refresher=uac")]);
    bench.wait(Duration::from_secs(900));
    bench.answers(200, PEER, &[("Session-Expires", "1800;refresher=uac")], "answer");
    bench.wait(Duration::from_secs(900));
    bench.answers(
        200,
        PEER,
        &[("Session-Expires", "1800;refresher=uac")],
        "another answer",
    );
    insta::assert_snapshot!(bench.ladder(), @r"
    900000 ms
    → INVITE 2 Session-Expires: 1800;refresher=uac «offer»
    ← 200 INVITE 2 Session-Expires: 1800;refresher=uac «answer»
    → ACK 2
    1800000 ms
    → INVITE 3 Session-Expires: 1800;refresher=uac «offer»
    ← 200 INVITE 3 Session-Expires: 1800;refresher=uac «another answer»
    → ACK 3
    * OfferAnswered «another answer»
    ");
}

#[test]
fn a_refused_update_is_followed_by_a_re_invite() {
    let mut bench = Bench::called_with(Make::default(), WE_REFRESH);
    bench.wait(Duration::from_secs(900));
    bench.answers(405, PEER, &[], "");
    bench.wait(Duration::from_secs(20));
    insta::assert_snapshot!(bench.ladder(), @r"
    900000 ms
    → UPDATE 2 Session-Expires: 1800;refresher=uac
    ← 405 UPDATE 2
    → INVITE 3 Session-Expires: 1800;refresher=uac «offer»
    ");
}

#[test]
fn a_refresh_is_tried_again_until_the_session_expires() {
    let mut bench = Bench::called_with(Make::default(), WE_REFRESH);
    bench.wait(Duration::from_secs(900));
    bench.answers(500, PEER, &[], "");
    bench.wait(Duration::from_secs(20));
    bench.fails(Failure::Transport);
    bench.wait(Duration::from_secs(900));
    insta::assert_snapshot!(bench.ladder(), @r#"
    900000 ms
    → UPDATE 2 Session-Expires: 1800;refresher=uac
    ← 500 UPDATE 2
    910000 ms
    → UPDATE 3 Session-Expires: 1800;refresher=uac
    ← Transport
    930000 ms
    → UPDATE 4 Session-Expires: 1800;refresher=uac
    1768000 ms
    → BYE 5 Reason: SIP;cause=408;text="Session timer expired"
    * Ended by Failure(Expired) SIP;cause=408;text="Session timer expired"
    "#);
    bench.answers(200, PEER, &[], "");
    assert!(bench.is_over());
}

#[test]
fn a_refresh_that_nobody_answers_ends_the_call() {
    for code in [Some(481), Some(408), None] {
        let mut bench = Bench::called_with(Make::default(), WE_REFRESH);
        bench.wait(Duration::from_secs(900));
        match code {
            Some(code) => bench.answers(code, PEER, &[], ""),
            None => bench.fails(Failure::Timeout),
        }
        assert!(bench.ladder().contains("* Ended by Failure"), "{}", bench.ladder());
    }
}

#[test]
fn a_side_that_does_not_refresh_loses_the_call_a_little_early() {
    let mut bench = Bench::called_with(Make::default(), THEY_REFRESH);
    bench.wait(Duration::from_secs(1767));
    assert_eq!(bench.ladder(), "");
    bench.wait(Duration::from_secs(2));
    insta::assert_snapshot!(bench.ladder(), @r#"
    1768000 ms
    → BYE 2 Reason: SIP;cause=408;text="Session timer expired"
    * Ended by Failure(Expired) SIP;cause=408;text="Session timer expired"
    "#);
}

#[test]
fn their_refresh_starts_the_timer_again() {
    let mut bench = Bench::called_with(Make::default(), THEY_REFRESH);
    for _ in 0..3 {
        bench.wait(Duration::from_secs(1700));
        let headers = [("Supported", "timer"), ("Session-Expires", "1800;refresher=uac")];
        bench.requests(Method::Update, &headers, "");
    }
    insta::assert_snapshot!(bench.ladder(), @r"
    ← UPDATE 2 Session-Expires: 1800;refresher=uac
    → 200 UPDATE 2 Require: timer Session-Expires: 1800;refresher=uac
    ← UPDATE 3 Session-Expires: 1800;refresher=uac
    → 200 UPDATE 3 Require: timer Session-Expires: 1800;refresher=uac
    ← UPDATE 4 Session-Expires: 1800;refresher=uac
    → 200 UPDATE 4 Require: timer Session-Expires: 1800;refresher=uac
    ");
    assert!(!bench.is_over());
}

#[test]
fn a_change_of_the_session_is_a_refresh_too() {
    let mut bench = Bench::called_with(Make::default(), WE_REFRESH);
    bench.wait(Duration::from_secs(800));
    bench.offer("hold", OfferBy::Invite);
    bench.answers(200, PEER, &[("Session-Expires", "1800;refresher=uac")], "held");
    bench.forget();
    bench.wait(Duration::from_secs(899));
    assert_eq!(bench.ladder(), "");
    bench.wait(Duration::from_secs(1));
    insta::assert_snapshot!(bench.ladder(), @r"
    1700000 ms
    → UPDATE 3 Session-Expires: 1800;refresher=uac
    ");
}

#[test]
fn a_refresh_waits_for_a_change_under_way() {
    let mut bench = Bench::called_with(Make::default(), &[("Session-Expires", "1800;refresher=uac")]);
    bench.wait(Duration::from_secs(895));
    bench.requests(Method::Invite, &[], "their offer");
    bench.wait(Duration::from_secs(10));
    bench.command(Command::RefuseOffer { status: status(488) });
    bench.wait(Duration::from_secs(10));
    insta::assert_snapshot!(bench.ladder(), @r"
    ← INVITE 2 «their offer»
    * Offered by Invite «their offer»
    ! RefuseOffer 488
    → 488 INVITE 2
    910000 ms
    → INVITE 2 Session-Expires: 1800;refresher=uac «offer»
    ");
}

#[test]
fn their_interval_is_met_and_whoever_refreshes_is_named() {
    let timer = ("Supported", "timer");
    let any = Make::default;
    assert_eq!(
        granted(any(), &[]),
        "→ 200 INVITE 1 «answer»",
        "no timer without support"
    );
    assert_eq!(
        granted(any(), &[timer]),
        "→ 200 INVITE 1 Require: timer Session-Expires: 1800;refresher=uac «answer»"
    );
    assert_eq!(
        granted(any(), &[timer, ("Session-Expires", "600;refresher=uas")]),
        "→ 200 INVITE 1 Session-Expires: 600;refresher=uas «answer»"
    );
    assert_eq!(
        granted(any(), &[timer, ("x", "7200;refresher=uac")]),
        "→ 200 INVITE 1 Require: timer Session-Expires: 1800;refresher=uac «answer»"
    );
    assert_eq!(
        granted(any(), &[timer, ("Session-Expires", "7200"), ("Min-SE", "3600")]),
        "→ 200 INVITE 1 Require: timer Session-Expires: 3600;refresher=uac «answer»"
    );
    assert_eq!(
        granted(any(), &[("Session-Expires", "600")]),
        "→ 200 INVITE 1 Session-Expires: 600;refresher=uas «answer»",
        "asked for by a proxy"
    );
    assert_eq!(
        granted(policy(1800, 90, Refresher::Us), &[timer]),
        "→ 200 INVITE 1 Session-Expires: 1800;refresher=uas «answer»"
    );
    assert_eq!(
        granted(policy(1800, 60, Refresher::Any), &[timer, ("Session-Expires", "60")]),
        "→ 200 INVITE 1 Require: timer Session-Expires: 60;refresher=uac «answer»",
        "browsers ask for 60"
    );
}

#[test]
fn what_we_ask_for_is_said_in_the_invite() {
    let asks = |make: Make| make.caller().ladder();
    assert_eq!(
        asks(Make::default()),
        "→ INVITE 1 Session-Expires: 1800 Subject: lunch «offer»"
    );
    assert_eq!(
        asks(policy(300, 120, Refresher::Us)),
        "→ INVITE 1 Min-SE: 120 Session-Expires: 300;refresher=uac Subject: lunch «offer»"
    );
    assert_eq!(
        asks(policy(300, 90, Refresher::Them)),
        "→ INVITE 1 Session-Expires: 300;refresher=uas Subject: lunch «offer»"
    );
}

#[test]
fn an_update_that_asks_for_too_little_gets_422() {
    let mut bench = Bench::answered();
    bench.requests(Method::Update, &[("Supported", "timer"), ("Session-Expires", "30")], "");
    bench.requests(
        Method::Invite,
        &[("Supported", "timer"), ("Session-Expires", "30")],
        "offer",
    );
    insta::assert_snapshot!(bench.ladder(), @r"
    ← UPDATE 2 Session-Expires: 30
    → 422 UPDATE 2 Min-SE: 90
    ← INVITE 3 Session-Expires: 30 «offer»
    → 422 INVITE 3 Min-SE: 90
    ");
}

#[test]
fn our_refresh_agrees_to_a_longer_interval() {
    let mut bench = Bench::called_with(Make::default(), WE_REFRESH);
    bench.wait(Duration::from_secs(900));
    bench.answers(422, PEER, &[("Min-SE", "2400")], "");
    bench.answers(200, PEER, &[("Session-Expires", "2400;refresher=uac")], "");
    bench.wait(Duration::from_secs(1200));
    insta::assert_snapshot!(bench.ladder(), @r"
    900000 ms
    → UPDATE 2 Session-Expires: 1800;refresher=uac
    ← 422 UPDATE 2 Min-SE: 2400
    → UPDATE 3 Min-SE: 2400 Session-Expires: 2400;refresher=uac
    ← 200 UPDATE 3 Session-Expires: 2400;refresher=uac
    2100000 ms
    → UPDATE 4 Min-SE: 2400 Session-Expires: 2400;refresher=uac
    ");
}

#[test]
fn an_absurd_interval_does_not_make_us_refresh_all_the_time() {
    let mut bench = Bench::called_with(
        Make::default(),
        &[("Session-Expires", "1;refresher=uac"), ("Allow", "UPDATE")],
    );
    bench.wait(Duration::from_secs(44));
    assert_eq!(bench.ladder(), "");
    bench.wait(Duration::from_secs(1));
    insta::assert_snapshot!(bench.ladder(), @r"
    45000 ms
    → UPDATE 2 Session-Expires: 90;refresher=uac
    ");
}
