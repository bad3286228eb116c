//! Key presses: passed on and told.

use wigwag_media::{DropReason, DtmfDigit, KeyCourse, Keys, LegKey, MediaEvent, Programme, Times, codec::Decoder};
use wigwag_sip::sdp::Codec;

use crate::{phone::Phone, stage::Stage};

fn next_key(stage: &Stage) -> (LegKey, char, u32) {
    loop {
        if let MediaEvent::Dtmf {
            leg,
            digit,
            duration_ms,
            ..
        } = stage.event()
        {
            return (leg, digit.as_char(), duration_ms);
        }
    }
}

/// The packets of one press of 100 ms with three ends, `lost` of which get lost.
fn press(phone: &mut Phone, to: std::net::SocketAddr, event: u8, lost: usize) {
    let start = phone.timestamp.wrapping_add(160);
    let updates = (1..=5u16).map(|n| (0u8, n * 160));
    let ends = (0..3 - lost).map(|_| (0x80, 800));
    for (flag, duration) in updates.chain(ends) {
        let [high, low] = duration.to_be_bytes();
        phone.timestamp = start.wrapping_sub(160);
        phone.say(to, 101, &[event, flag | 10, high, low]);
    }
    phone.timestamp = start.wrapping_add(1600);
}

#[test]
fn a_key_press_is_relayed_in_the_listeners_number_and_told_once() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::new(1), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &[(8, Codec::PCMA), (101, Codec::telephone_event(8_000))]);
    let (b, _) = stage.leg(1, &bob, &[(8, Codec::PCMA), (96, Codec::telephone_event(8_000))]);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    press(&mut alice, at_a.rtp, 5, 0);
    press(&mut alice, at_a.rtp, 11, 1);
    assert_eq!([next_key(&stage), next_key(&stage)], [(a, '5', 100), (a, '#', 100)]);
    let first = bob.hear();
    assert_eq!(
        (first.payload_type, first.payload.as_slice()),
        (96, &[5, 10, 0, 160][..])
    );
    for _ in 1..8 {
        let next = bob.hear();
        assert_eq!((next.payload_type, next.timestamp), (96, first.timestamp));
    }
    let second = bob.hear();
    assert_eq!(second.timestamp.wrapping_sub(first.timestamp), 1760);
}

#[test]
fn a_press_whose_ends_are_lost_is_told_after_a_moment() {
    let stage = Stage::new();
    let mut alice = Phone::new(1);
    let (a, at_a) = stage.leg(0, &alice, &[(8, Codec::PCMA), (101, Codec::telephone_event(8_000))]);
    stage.statistics(a);
    press(&mut alice, at_a.rtp, 10, 3);
    assert_eq!(next_key(&stage), (a, '*', 100));
}

/// Whether the next key that is told was passed on.
fn next_is_passed_on(stage: &Stage) -> bool {
    loop {
        if let MediaEvent::Dtmf { passed_on, .. } = stage.event() {
            return passed_on;
        }
    }
}

#[test]
fn keys_go_where_the_call_wants_them() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::new(1), Phone::new(2));
    let formats = [(8, Codec::PCMA), (101, Codec::telephone_event(8_000))];
    let (a, at_a) = stage.leg(0, &alice, &formats);
    let (b, _) = stage.leg(1, &bob, &formats);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    let heard_by_bob = || -> Vec<u8> { (0..8).map(|_| bob.hear().payload[0]).collect() };
    let treat = |course| {
        let keys = Keys {
            course,
            in_sound: false,
        };
        stage.plane.treat_keys(a, keys);
        stage.statistics(a);
    };
    press(&mut alice, at_a.rtp, 1, 0);
    assert!(next_is_passed_on(&stage));
    assert_eq!(heard_by_bob(), [1; 8]);
    treat(KeyCourse::Report);
    press(&mut alice, at_a.rtp, 2, 0);
    assert!(!next_is_passed_on(&stage));
    while stage.statistics(a).dropped.of(DropReason::KeyTold) < 8 {}
    treat(KeyCourse::Forward);
    press(&mut alice, at_a.rtp, 3, 0);
    assert_eq!(heard_by_bob(), [3; 8]);
    treat(KeyCourse::Both);
    press(&mut alice, at_a.rtp, 4, 0);
    assert_eq!(next_key(&stage), (a, '4', 100));
    assert_eq!(heard_by_bob(), [4; 8]);
}

#[test]
fn a_key_that_the_other_side_cannot_hear_is_told_as_such() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::new(1), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &[(8, Codec::PCMA), (101, Codec::telephone_event(8_000))]);
    let (b, _) = stage.leg(1, &bob, &[(8, Codec::PCMA)]);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    press(&mut alice, at_a.rtp, 1, 0);
    assert!(!next_is_passed_on(&stage));
}

#[test]
fn a_hundred_keys_a_second_are_bounded_and_the_call_goes_on() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::new(1), Phone::new(2));
    let formats = [(8, Codec::PCMA), (101, Codec::telephone_event(8_000))];
    let (a, at_a) = stage.leg(0, &alice, &formats);
    let (b, _) = stage.leg(1, &bob, &formats);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    for n in 0..500u32 {
        alice.say(at_a.rtp, 101, &[(n % 10) as u8, 0x8a, 0, 80]);
        bob.hear();
    }
    alice.say(at_a.rtp, 8, b"sound");
    assert_eq!(bob.hear().payload, b"sound");
    stage.statistics(a);
    let told = stage
        .events
        .try_iter()
        .filter(|event| matches!(event, MediaEvent::Dtmf { .. }));
    // All within a moment: what a slow machine adds are 16 a second.
    assert!((32..200).contains(&told.count()));
}

#[test]
fn keys_in_the_sound_of_a_phone_without_events_are_heard() {
    let stage = Stage::new();
    // A leg that plays keys to another of ours, which listens for them.
    let (mut sender, receiver) = (Phone::new(1), Phone::new(2));
    let (a, _) = stage.leg(0, &sender, &[(9, Codec::G722)]);
    let (b, at_b) = stage.leg(1, &receiver, &[(9, Codec::G722)]);
    let keys = Keys {
        course: KeyCourse::Both,
        in_sound: true,
    };
    stage.plane.treat_keys(b, keys);
    let dial = "15#".chars().fold(Programme::new(1), |dial, symbol| {
        dial.key(DtmfDigit::from_char(symbol).unwrap(), 80)
    });
    stage.plane.play(a, dial.repeated(Times::ONCE).silence(60));
    let mut decoder = Decoder::of(&Codec::G722).unwrap();
    for _ in 0..27 {
        let payload = sender.hear().payload;
        decoder.decode(&payload, &mut Vec::new()).unwrap();
        sender.say(at_b.rtp, 9, &payload);
    }
    let heard: Vec<(LegKey, char)> = (0..3)
        .map(|_| next_key(&stage))
        .map(|(leg, key, _)| (leg, key))
        .collect();
    assert_eq!(heard, [(b, '1'), (b, '5'), (b, '#')]);
}
