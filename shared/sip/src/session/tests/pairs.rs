//! Two sessions against each other through real transactions, on good and bad networks.

use std::time::Duration;

use wigwag_sansio::testing::Weather;

use super::bench::{CALL_ID, sdp, uri};
use crate::{
    session::{
        Command, Event, OfferBy, Outgoing, Refresher, Settings, TimerPolicy,
        pair::{CALLEE, CALLER, Pair},
    },
    wire::{
        StatusCode,
        header::{CallId, Contact, From, Reason, To},
    },
};

fn call(weather: Weather, seed: u64) -> Pair {
    let outgoing = Outgoing {
        request_uri: uri("sip:bob@192.0.2.2"),
        from: From::new(uri("sip:alice@atlanta.example")),
        to: To::new(uri("sip:bob@biloxi.example")),
        call_id: CallId::new(CALL_ID).unwrap(),
        routes: Vec::new(),
        max_forwards: 70,
        headers: Vec::new(),
        sdp: Some(sdp("offer")),
    };
    let settings = |contact| Settings {
        contact: Contact::new(uri(contact)),
        headers: Vec::new(),
        timer: TimerPolicy {
            refresher: Refresher::Us,
            ..TimerPolicy::default()
        },
        credentials: None,
    };
    let settings = [settings("sip:alice@192.0.2.1"), settings("sip:bob@192.0.2.2")];
    Pair::call(outgoing, settings, weather, seed)
}

fn end() -> Command {
    Command::End {
        status: None,
        reasons: vec![Reason::q850(16, "")],
    }
}

fn accept() -> Command {
    Command::Accept {
        sdp: sdp("answer"),
        headers: Vec::new(),
    }
}

fn ring() -> Command {
    Command::Progress {
        status: StatusCode::RINGING,
        sdp: None,
        headers: Vec::new(),
    }
}

fn offer(body: &str) -> Command {
    Command::Offer {
        sdp: Some(sdp(body)),
        by: OfferBy::Invite,
    }
}

fn moment(pair: &mut Pair) {
    pair.run(Duration::from_millis(100));
}

fn answered() -> Pair {
    let mut pair = call(Weather::FINE, 1);
    moment(&mut pair);
    pair.command(CALLEE, accept());
    moment(&mut pair);
    pair.ladder();
    pair
}

#[test]
fn a_call() {
    let mut pair = call(Weather::FINE, 1);
    moment(&mut pair);
    pair.command(CALLEE, ring());
    moment(&mut pair);
    pair.command(CALLEE, accept());
    moment(&mut pair);
    pair.command(CALLER, offer("hold"));
    moment(&mut pair);
    pair.command(CALLEE, Command::AnswerOffer { sdp: sdp("held") });
    moment(&mut pair);
    pair.command(CALLEE, end());
    moment(&mut pair);
    insta::assert_snapshot!(pair.ladder(), @r"
    → INVITE 1 Session-Expires: 1800;refresher=uac «offer»
    ← 100 INVITE 1
    ← 180 INVITE 1
    caller * Progress Branch(0) 180
    ← 200 INVITE 1 Require: timer Session-Expires: 1800;refresher=uac «answer»
    → ACK 1
    caller * Answered Branch(0) «answer»
    callee * Confirmed
    → INVITE 2 Session-Expires: 1800;refresher=uac «hold»
    callee * Offered by Invite «hold»
    ← 100 INVITE 2
    ← 200 INVITE 2 Require: timer Session-Expires: 1800;refresher=uac «held»
    → ACK 2
    caller * OfferAnswered «held»
    ← BYE 1 Reason: Q.850;cause=16
    callee * Ended by Local Q.850;cause=16
    → 200 BYE 1
    caller * Ended by Remote Q.850;cause=16
    ");
    pair.run(Duration::from_secs(64));
    assert!(pair.is_over());
}

#[test]
fn a_caller_gives_up_before_anything_is_heard_of_the_other_side() {
    let mut pair = call(Weather::FINE, 1);
    pair.command(CALLER, end());
    moment(&mut pair);
    insta::assert_snapshot!(pair.ladder(), @r"
    → INVITE 1 Session-Expires: 1800;refresher=uac «offer»
    caller * Ended by Local Q.850;cause=16
    ← 100 INVITE 1
    → CANCEL 1 Reason: Q.850;cause=16
    ← 200 CANCEL 1
    ← 487 INVITE 1
    callee * Ended by Remote 487 Q.850;cause=16
    → ACK 1
    ");
    pair.run(Duration::from_secs(64));
    assert!(pair.is_over());
}

#[test]
fn an_answer_crosses_a_cancel() {
    let mut pair = call(Weather::FINE, 1);
    moment(&mut pair);
    pair.ladder();
    pair.command(CALLER, end());
    pair.command(CALLEE, accept());
    moment(&mut pair);
    insta::assert_snapshot!(pair.ladder(), @r"
    → CANCEL 1 Reason: Q.850;cause=16
    caller * Ended by Local Q.850;cause=16
    ← 200 INVITE 1 Require: timer Session-Expires: 1800;refresher=uac «answer»
    ← 200 CANCEL 1
    → ACK 1
    → BYE 2 Reason: Q.850;cause=16
    callee * Confirmed
    ← 200 BYE 2
    callee * Ended by Remote Q.850;cause=16
    ");
    pair.run(Duration::from_secs(64));
    assert!(pair.is_over());
}

#[test]
fn both_hang_up_at_once() {
    let mut pair = answered();
    pair.command(CALLER, end());
    pair.command(CALLEE, end());
    moment(&mut pair);
    insta::assert_snapshot!(pair.ladder(), @r"
    → BYE 2 Reason: Q.850;cause=16
    caller * Ended by Local Q.850;cause=16
    ← BYE 1 Reason: Q.850;cause=16
    callee * Ended by Local Q.850;cause=16
    ← 200 BYE 2
    → 200 BYE 1
    ");
    pair.run(Duration::from_secs(64));
    assert!(pair.is_over());
}

#[test]
fn both_change_the_call_at_once() {
    let mut pair = answered();
    pair.command(CALLER, offer("caller's"));
    pair.command(CALLEE, offer("callee's"));
    pair.run(Duration::from_secs(2));
    pair.command(
        CALLER,
        Command::AnswerOffer {
            sdp: sdp("answer to callee's"),
        },
    );
    pair.run(Duration::from_secs(10));
    insta::assert_snapshot!(pair.ladder(), @r"
    → INVITE 2 Session-Expires: 1800;refresher=uac «caller's»
    ← INVITE 1 Session-Expires: 1800;refresher=uas «callee's»
    ← 100 INVITE 2
    ← 491 INVITE 2
    → 100 INVITE 1
    → 491 INVITE 1
    → ACK 2
    ← ACK 1
    ← INVITE 2 Session-Expires: 1800;refresher=uas «callee's»
    caller * OfferRefused 491
    → 100 INVITE 2
    caller * Offered by Invite «callee's»
    → 200 INVITE 2 Session-Expires: 1800;refresher=uas «answer to callee's»
    ← ACK 2
    callee * OfferAnswered «answer to callee's»
    ");
}

#[test]
fn a_call_of_many_hours_is_refreshed() {
    let mut pair = answered();
    pair.run(Duration::from_secs(10 * 3600));
    let ladder = pair.ladder();
    assert_eq!(ladder.lines().filter(|line| line.starts_with("→ UPDATE")).count(), 40);
    assert!(!ladder.contains('*'), "{ladder}");
}

#[test]
fn a_side_that_vanishes_is_noticed() {
    let deaf = Weather {
        loss_permille: 1000,
        ..Weather::FINE
    };
    let mut pair = call(deaf, 1);
    pair.run(Duration::from_secs(33));
    assert!(pair.ladder().ends_with("caller * Ended by Failure(Timeout) 408"));
    assert!(pair.is_over());
}

#[test]
fn in_a_storm_every_call_ends_once_on_both_sides_and_leaves_nothing_behind() {
    let mut answered = 0;
    for seed in 0..60 {
        let mut pair = call(Weather::STORM, seed);
        let pause = |pair: &mut Pair, step: u64| pair.run(Duration::from_millis((seed * 37 + step * 101) % 900));
        pause(&mut pair, 1);
        pair.command(CALLEE, ring());
        pause(&mut pair, 2);
        if seed % 4 == 0 {
            pair.command(CALLER, end());
        }
        pause(&mut pair, 3);
        pair.command(CALLEE, accept());
        pause(&mut pair, 4);
        pair.command(CALLER, offer("caller's"));
        pair.command(CALLEE, offer("callee's"));
        for _ in 0..10 {
            pair.run(Duration::from_millis(700));
            for side in [CALLER, CALLEE] {
                pair.command(side, Command::AnswerOffer { sdp: sdp("answer") });
            }
        }
        let early: Vec<Vec<Event>> = [CALLER, CALLEE].map(|side| pair.events(side)).into();
        pair.command((seed % 2) as usize, end());
        pair.run(Duration::from_secs(200));
        pair.command(CALLER, end());
        pair.command(CALLEE, end());
        pair.run(Duration::from_secs(200));
        for side in [CALLER, CALLEE] {
            let mut events = early[side].clone();
            events.extend(pair.events(side));
            let ends = events.iter().filter(|event| matches!(event, Event::Ended(_))).count();
            let is_last = matches!(events.last(), Some(Event::Ended(_)));
            let is_unheard = side == CALLEE && events.is_empty();
            assert!(ends == 1 && is_last || is_unheard, "seed {seed}:\n{}", pair.ladder());
            answered += usize::from(matches!(events.first(), Some(Event::Confirmed { .. })));
        }
        assert!(pair.is_over(), "seed {seed}:\n{}", pair.ladder());
    }
    assert!(answered > 30, "{answered} calls were answered");
}
