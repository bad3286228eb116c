//! The drivers themselves, proven without our server: two phones that call each other directly.

use std::net::{IpAddr, Ipv6Addr};

use harness::{Baresip, Codec, Encryption, EventKind, Says, Setup, Sipp, Transport};

/// The tones that the two phones say.
const CALLER_HZ: u32 = 440;
const CALLEE_HZ: u32 = 660;

/// The level of a phone's tone, and how far it may be off at the far end, in decibels.
const LEVEL_DBFS: f64 = -7.0;
const TOLERANCE_DB: f64 = 2.0;

#[tokio::test]
async fn two_phones_hear_each_other_without_a_server() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus] {
        let setup = Setup {
            codecs: vec![codec],
            ..Setup::default()
        };
        let (mut caller, mut callee) = established(&setup).await;
        for (phone, hz) in [(&mut caller, CALLEE_HZ), (&mut callee, CALLER_HZ)] {
            let tone = phone.hears(hz).await;
            assert!((tone.dbfs - LEVEL_DBFS).abs() < TOLERANCE_DB, "{codec}: {tone:?}");
        }
        caller.hang_up().await;
        callee.closed().await;
    }
}

#[tokio::test]
async fn a_phone_on_hold_hears_nothing_until_it_is_taken_back() {
    let (mut caller, mut callee) = established_as(&Setup::default(), Says::Tone(CALLER_HZ), Says::WhatItHears).await;
    callee.hears(CALLER_HZ).await;
    caller.hold().await;
    callee.hears_no_more(CALLER_HZ).await;
    caller.resume().await;
    callee.hears(CALLER_HZ).await;
}

#[tokio::test]
async fn a_phone_that_holds_hears_nothing_until_it_takes_the_other_back() {
    let (mut caller, _callee) = established_as(&Setup::default(), Says::WhatItHears, Says::Tone(CALLEE_HZ)).await;
    caller.hears(CALLEE_HZ).await;
    caller.hold().await;
    caller.hears_no_more(CALLEE_HZ).await;
    caller.resume().await;
    caller.hears(CALLEE_HZ).await;
}

#[tokio::test]
async fn keys_pressed_at_one_phone_are_seen_at_the_other() {
    let (mut caller, mut callee) = established(&Setup::default()).await;
    caller.press("5").await;
    assert_eq!(callee.event(EventKind::KeyPressed).await.text, "5");
}

#[tokio::test]
async fn two_phones_hear_each_other_over_tcp_and_srtp() {
    let setup = Setup {
        transport: Transport::Tcp,
        encryption: Encryption::Srtp,
        ..Setup::default()
    };
    let (mut caller, mut callee) = established(&setup).await;
    caller.hears(CALLEE_HZ).await;
    callee.hears(CALLER_HZ).await;
    assert!(caller.call_status().await.contains("RTP/SAVP"));
}

#[tokio::test]
async fn two_phones_hear_each_other_over_ipv6() {
    let setup = Setup {
        ip: IpAddr::V6(Ipv6Addr::LOCALHOST),
        ..Setup::default()
    };
    let (mut caller, mut callee) = established(&setup).await;
    caller.hears(CALLEE_HZ).await;
    callee.hears(CALLER_HZ).await;
}

#[tokio::test]
async fn a_refused_call_ends_with_the_reason() {
    let (mut caller, mut callee) = ringing(&Setup::default(), Says::Tone(CALLER_HZ), Says::Tone(CALLEE_HZ)).await;
    callee.hang_up().await;
    assert!(caller.closed().await.contains("486"), "busy");
}

#[tokio::test]
async fn a_written_scenario_is_played_to_a_phone() {
    let phone = Baresip::start("phone", &Setup::default()).await;
    let outcome = Sipp::scenario(scenario!("options"), phone.address())
        .field("phone")
        .play()
        .await;
    assert!(outcome.messages.contains("OPTIONS sip:phone@"), "{}", outcome.messages);
    outcome.expect_success();
}

#[tokio::test]
async fn a_scenario_that_goes_wrong_says_why() {
    let phone = Baresip::start("phone", &Setup::default()).await;
    let outcome = Sipp::scenario(scenario!("unexpected"), phone.address()).play().await;
    assert!(
        !outcome.succeeded && outcome.errors.contains("Unexpected"),
        "{}",
        outcome.errors
    );
}

/// Two phones of which one rings.
async fn ringing(setup: &Setup, caller: Says, callee: Says) -> (Baresip, Baresip) {
    let mut caller = Baresip::start(
        "caller",
        &Setup {
            says: caller,
            ..setup.clone()
        },
    )
    .await;
    let mut callee = Baresip::start(
        "callee",
        &Setup {
            says: callee,
            ..setup.clone()
        },
    )
    .await;
    caller.dial(callee.uri()).await;
    callee.incoming().await;
    caller.ringing().await;
    (caller, callee)
}

/// Two phones in a call, each with its own tone.
async fn established(setup: &Setup) -> (Baresip, Baresip) {
    established_as(setup, Says::Tone(CALLER_HZ), Says::Tone(CALLEE_HZ)).await
}

async fn established_as(setup: &Setup, caller: Says, callee: Says) -> (Baresip, Baresip) {
    let (mut caller, mut callee) = ringing(setup, caller, callee).await;
    callee.accept().await;
    caller.established().await;
    callee.established().await;
    (caller, callee)
}
