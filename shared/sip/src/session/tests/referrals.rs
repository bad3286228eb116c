//! Referrals and what is told of them (RFC 3515, RFC 4488, RFC 7647).

use std::time::Duration;

use super::bench::{Bench, PEER, status};
use crate::{
    session::{Command, ReferralId},
    transaction::Failure,
    wire::Method,
};

const CAROL: (&str, &str) = ("Refer-To", "<sip:carol@chicago.example>");

fn accept(bench: &mut Bench, id: u32) {
    let id = ReferralId(id);
    bench.command(Command::AcceptReferral { id });
}

fn tell(bench: &mut Bench, id: u32, code: u16) {
    let (id, status) = (ReferralId(id), status(code));
    bench.command(Command::TellReferral { id, status });
}

/// A call that was referred and takes it.
fn referred() -> Bench {
    let mut bench = Bench::answered();
    bench.requests(
        Method::Refer,
        &[CAROL, ("Referred-By", "<sip:peer@biloxi.example>")],
        "",
    );
    accept(&mut bench, 2);
    bench
}

#[test]
fn who_refers_is_told_how_it_goes() {
    let mut bench = referred();
    bench.answers(200, PEER, &[], "");
    tell(&mut bench, 2, 180);
    bench.answers(200, PEER, &[], "");
    tell(&mut bench, 2, 180);
    tell(&mut bench, 2, 200);
    bench.answers(200, PEER, &[], "");
    tell(&mut bench, 2, 200);
    bench.requests(Method::Bye, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example by <sip:peer@biloxi.example>
    ! AcceptReferral
    → 202 REFER 2
    → NOTIFY 1 Event: refer Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ← 200 NOTIFY 1
    ! TellReferral 180
    → NOTIFY 2 Event: refer Subscription-State: active;expires=180 «SIP/2.0 180 Ringing»
    ← 200 NOTIFY 2
    ! TellReferral 180
    ! TellReferral 200
    → NOTIFY 3 Event: refer Subscription-State: terminated;reason=noresource «SIP/2.0 200 OK»
    ← 200 NOTIFY 3
    ! TellReferral 200
    ← BYE 3
    → 200 BYE 3
    * Ended by Remote
    ");
    assert!(bench.is_over());
}

#[test]
fn one_thing_is_told_after_the_other_has_been_heard() {
    let mut bench = referred();
    tell(&mut bench, 2, 180);
    tell(&mut bench, 2, 183);
    tell(&mut bench, 2, 486);
    bench.answers(200, PEER, &[], "");
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example by <sip:peer@biloxi.example>
    ! AcceptReferral
    → 202 REFER 2
    → NOTIFY 1 Event: refer Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ! TellReferral 180
    ! TellReferral 183
    ! TellReferral 486
    ← 200 NOTIFY 1
    → NOTIFY 2 Event: refer Subscription-State: terminated;reason=noresource «SIP/2.0 486 Busy Here»
    ← 200 NOTIFY 2
    ");
}

#[test]
fn an_attended_transfer_names_the_call_to_replace() {
    let mut bench = Bench::answered();
    let target = "<sip:carol@chicago.example;method=INVITE?Replaces=id%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>";
    bench.requests(Method::Refer, &[("Refer-To", target)], "");
    bench.command(Command::RefuseReferral {
        id: ReferralId(2),
        status: status(603),
    });
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example;method=INVITE?Replaces=id%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>
    * Referred to sip:carol@chicago.example instead of id@h;to-tag=1;from-tag=2
    ! RefuseReferral 603
    → 603 REFER 2
    ");
}

#[test]
fn what_cannot_be_done_is_refused_at_once() {
    let mut bench = Bench::answered();
    bench.requests(Method::Refer, &[], "");
    bench.requests(Method::Refer, &[CAROL, ("r", "<sip:dave@denver.example>")], "");
    bench.requests(
        Method::Refer,
        &[("Refer-To", "<sip:carol@chicago.example;method=BYE>")],
        "",
    );
    bench.requests(Method::Refer, &[("Refer-To", "<http://chicago.example/>")], "");
    bench.requests(
        Method::Refer,
        &[("Refer-To", "<sip:carol@chicago.example?Replaces=nonsense>")],
        "",
    );
    bench.requests(Method::Refer, &[CAROL, ("Require", "nosub")], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2
    → 400 REFER 2
    ← REFER 3 Refer-To: <sip:carol@chicago.example>, <sip:dave@denver.example>
    → 400 REFER 3
    ← REFER 4 Refer-To: <sip:carol@chicago.example;method=BYE>
    → 403 REFER 4
    ← REFER 5 Refer-To: <http://chicago.example/>
    → 416 REFER 5
    ← REFER 6 Refer-To: <sip:carol@chicago.example?Replaces=nonsense>
    → 400 REFER 6
    ← REFER 7 Refer-To: <sip:carol@chicago.example> Require: nosub
    → 420 REFER 7 Unsupported: nosub
    ");
}

#[test]
fn who_wants_to_be_told_nothing_is_told_nothing() {
    let mut bench = Bench::answered();
    let silent = [CAROL, ("Require", "norefersub"), ("Refer-Sub", "false")];
    bench.requests(Method::Refer, &silent, "");
    accept(&mut bench, 2);
    tell(&mut bench, 2, 200);
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-Sub: false Refer-To: <sip:carol@chicago.example> Require: norefersub
    * Referred to sip:carol@chicago.example
    ! AcceptReferral
    → 202 REFER 2 Refer-Sub: false
    ! TellReferral 200
    ");
}

#[test]
fn several_referrals_are_told_apart_by_their_ids() {
    let mut bench = referred();
    bench.answers(200, PEER, &[], "");
    bench.requests(Method::Refer, &[("Refer-To", "<sip:dave@denver.example>")], "");
    accept(&mut bench, 3);
    bench.answers(200, PEER, &[], "");
    tell(&mut bench, 2, 486);
    tell(&mut bench, 3, 200);
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example by <sip:peer@biloxi.example>
    ! AcceptReferral
    → 202 REFER 2
    → NOTIFY 1 Event: refer Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ← 200 NOTIFY 1
    ← REFER 3 Refer-To: <sip:dave@denver.example>
    * Referred to sip:dave@denver.example
    ! AcceptReferral
    → 202 REFER 3
    → NOTIFY 2 Event: refer;id=3 Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ← 200 NOTIFY 2
    ! TellReferral 486
    → NOTIFY 3 Event: refer Subscription-State: terminated;reason=noresource «SIP/2.0 486 Busy Here»
    ! TellReferral 200
    → NOTIFY 4 Event: refer;id=3 Subscription-State: terminated;reason=noresource «SIP/2.0 200 OK»
    ");
}

#[test]
fn who_asks_again_is_told_again_and_who_has_heard_enough_nothing_more() {
    let mut bench = referred();
    bench.answers(200, PEER, &[], "");
    bench.wait(Duration::from_secs(100));
    bench.requests(Method::Subscribe, &[("Event", "refer"), ("Expires", "600")], "");
    bench.answers(200, PEER, &[], "");
    bench.requests(Method::Subscribe, &[("Event", "refer;id=99")], "");
    bench.requests(Method::Subscribe, &[("Event", "refer;id=2"), ("Expires", "0")], "");
    bench.answers(200, PEER, &[], "");
    bench.requests(Method::Subscribe, &[("Event", "refer")], "");
    tell(&mut bench, 2, 200);
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example by <sip:peer@biloxi.example>
    ! AcceptReferral
    → 202 REFER 2
    → NOTIFY 1 Event: refer Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ← 200 NOTIFY 1
    ← SUBSCRIBE 3 Event: refer
    → 200 SUBSCRIBE 3
    → NOTIFY 2 Event: refer Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ← 200 NOTIFY 2
    ← SUBSCRIBE 4 Event: refer;id=99
    → 481 SUBSCRIBE 4
    ← SUBSCRIBE 5 Event: refer;id=2
    → 200 SUBSCRIBE 5
    → NOTIFY 3 Event: refer Subscription-State: terminated;reason=timeout «SIP/2.0 100 Trying»
    ← 200 NOTIFY 3
    ← SUBSCRIBE 6 Event: refer
    → 481 SUBSCRIBE 6
    ! TellReferral 200
    ");
}

#[test]
fn a_referral_of_which_nothing_is_heard_is_forgotten_in_the_end() {
    let mut bench = referred();
    bench.answers(200, PEER, &[], "");
    bench.wait(Duration::from_secs(200));
    bench.answers(200, PEER, &[], "");
    tell(&mut bench, 2, 200);
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example by <sip:peer@biloxi.example>
    ! AcceptReferral
    → 202 REFER 2
    → NOTIFY 1 Event: refer Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ← 200 NOTIFY 1
    180000 ms
    → NOTIFY 2 Event: refer Subscription-State: terminated;reason=timeout «SIP/2.0 100 Trying»
    ← 200 NOTIFY 2
    ! TellReferral 200
    ");
}

#[test]
fn a_peer_that_does_not_listen_is_told_nothing_more_and_the_call_goes_on() {
    let mut bench = referred();
    bench.answers(481, PEER, &[], "");
    tell(&mut bench, 2, 180);
    bench.requests(Method::Refer, &[CAROL], "");
    accept(&mut bench, 3);
    bench.fails(Failure::Timeout);
    tell(&mut bench, 3, 180);
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example by <sip:peer@biloxi.example>
    ! AcceptReferral
    → 202 REFER 2
    → NOTIFY 1 Event: refer Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ← 481 NOTIFY 1
    ! TellReferral 180
    ← REFER 3 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example
    ! AcceptReferral
    → 202 REFER 3
    → NOTIFY 2 Event: refer;id=3 Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ← Timeout
    ! TellReferral 180
    ");
    assert!(!bench.is_over());
}

#[test]
fn who_refers_and_hangs_up_is_still_told_how_it_goes() {
    let mut bench = referred();
    bench.requests(Method::Bye, &[], "");
    assert!(!bench.is_over());
    bench.answers(200, PEER, &[], "");
    tell(&mut bench, 2, 180);
    bench.answers(200, PEER, &[], "");
    bench.requests(Method::Subscribe, &[("Event", "refer")], "");
    bench.answers(200, PEER, &[], "");
    tell(&mut bench, 2, 200);
    bench.answers(200, PEER, &[], "");
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example by <sip:peer@biloxi.example>
    ! AcceptReferral
    → 202 REFER 2
    → NOTIFY 1 Event: refer Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ← BYE 3
    → 200 BYE 3
    * Ended by Remote
    ← 200 NOTIFY 1
    ! TellReferral 180
    → NOTIFY 2 Event: refer Subscription-State: active;expires=180 «SIP/2.0 180 Ringing»
    ← 200 NOTIFY 2
    ← SUBSCRIBE 4 Event: refer
    → 200 SUBSCRIBE 4
    → NOTIFY 3 Event: refer Subscription-State: active;expires=180 «SIP/2.0 180 Ringing»
    ← 200 NOTIFY 3
    ! TellReferral 200
    → NOTIFY 4 Event: refer Subscription-State: terminated;reason=noresource «SIP/2.0 200 OK»
    ← 200 NOTIFY 4
    ");
    assert!(bench.is_over());
}

#[test]
fn a_call_that_we_end_tells_the_last_word_first() {
    let mut bench = referred();
    bench.requests(Method::Refer, &[CAROL], "");
    bench.end();
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example by <sip:peer@biloxi.example>
    ! AcceptReferral
    → 202 REFER 2
    → NOTIFY 1 Event: refer Subscription-State: active;expires=180 «SIP/2.0 100 Trying»
    ← REFER 3 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example
    ! End
    → 487 REFER 3
    → NOTIFY 2 Event: refer Subscription-State: terminated;reason=timeout «SIP/2.0 100 Trying»
    → BYE 3 Reason: Q.850;cause=16
    * Ended by Local Q.850;cause=16
    ");
}

#[test]
fn only_a_few_referrals_are_open_at_once() {
    let mut bench = Bench::answered();
    (0..6).for_each(|_| bench.requests(Method::Refer, &[CAROL], ""));
    insta::assert_snapshot!(bench.ladder(), @r"
    ← REFER 2 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example
    ← REFER 3 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example
    ← REFER 4 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example
    ← REFER 5 Refer-To: <sip:carol@chicago.example>
    * Referred to sip:carol@chicago.example
    ← REFER 6 Refer-To: <sip:carol@chicago.example>
    → 500 REFER 6 Retry-After: 4
    ← REFER 7 Refer-To: <sip:carol@chicago.example>
    → 500 REFER 7 Retry-After: 7
    ");
}
