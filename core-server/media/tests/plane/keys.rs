//! Key presses: passed on and told.

use wigwag_media::{LegKey, MediaEvent};
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
