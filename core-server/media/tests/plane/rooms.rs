//! Rooms: each hears all others and not itself, whatever codec and rate each speaks.

use std::{
    net::SocketAddr,
    thread::{JoinHandle, spawn},
};

use wigwag_media::{
    DtmfDigit, LegKey, MediaConfig, MediaEvent, Part, Programme, RoomKey, Tone,
    codec::{Decoder, Encoder},
    measure_dbm0,
};
use wigwag_sip::sdp::Codec;

use crate::{
    phone::Phone,
    stage::{Stage, agreement, key},
};

const ROOM: RoomKey = RoomKey(5);

/// Lets a phone say a tone in time with what it hears: one packet for each that comes. Answers what it heard, without
/// the first second.
fn talk(phone: Phone, to: SocketAddr, codec: Codec, hz: Option<u32>, packets: u32) -> JoinHandle<(Phone, Vec<i16>)> {
    spawn(move || {
        let mut phone = phone;
        let (mut encoder, mut decoder) = (Encoder::of(&codec).unwrap(), Decoder::of(&codec).unwrap());
        let rate = codec.sample_rate();
        let mut heard = Vec::new();
        for n in 0..packets {
            let sine = |at: u32| {
                let hz = f64::from(hz.unwrap_or(0));
                (f64::from(at) * hz / f64::from(rate) * std::f64::consts::TAU).sin() * 3_000.0
            };
            let samples: Vec<i16> = (0..rate / 50).map(|at| sine(n * (rate / 50) + at) as i16).collect();
            let mut payload = [0; 1_500];
            let bytes = encoder.encode(&samples, &mut payload).unwrap();
            phone.say(to, 97, &payload[..bytes]);
            decoder.decode(&phone.hear().payload, &mut heard).unwrap();
        }
        (phone, heard.split_off(rate as usize))
    })
}

fn level(heard: &[i16], codec: &Codec, hz: u32) -> f64 {
    measure_dbm0(heard, codec.sample_rate(), hz)
}

/// 3 000 of 32 767, in dBm0.
const SPOKEN: f64 = -17.6;

#[test]
fn each_of_four_hears_exactly_the_others_in_any_codec() {
    let stage = Stage::with(MediaConfig {
        threads: 3,
        ..MediaConfig::loopback()
    });
    let codecs = [Codec::PCMA, Codec::PCMU, Codec::G722, Codec::OPUS];
    let tones = [500, 900, 1_400, 2_100];
    let mut talks = Vec::new();
    for (n, (codec, hz)) in (0..).zip(codecs.iter().zip(tones)) {
        let phone = Phone::new(u32::from(n));
        // Conversations of their own, on threads of their own.
        let at = stage
            .plane
            .open(u64::from(n), key(n), wigwag_media::IpFamily::V4)
            .unwrap();
        stage.plane.configure(key(n), agreement(&phone, &[(97, codec.clone())]));
        stage.plane.join(key(n), ROOM, Part::default());
        talks.push(talk(phone, at.rtp, codec.clone(), Some(hz), 150));
    }
    for ((n, talk), codec) in (0..).zip(talks).zip(&codecs) {
        let (_, heard) = talk.join().unwrap();
        for (m, hz) in (0..).zip(tones) {
            let level = level(&heard, codec, hz);
            if n == m {
                assert!(level < -45.0, "{codec:?} hears itself at {level}");
            } else {
                assert!((level - SPOKEN).abs() < 2.0, "{codec:?} hears {hz} Hz at {level}");
            }
        }
    }
    let metrics = stage.end();
    assert!(metrics.packets_mixed >= 400 && metrics.legs == 0);
}

#[test]
fn two_without_a_codec_in_common_hear_each_other_and_relay_once_they_have_one() {
    let pairs = [
        (Codec::PCMA, Codec::OPUS),
        (Codec::G722, Codec::PCMU),
        (Codec::OPUS, Codec::G722),
    ];
    for (first, second) in pairs {
        let stage = Stage::new();
        let (alice, bob) = (Phone::new(1), Phone::new(2));
        let (a, at_a) = stage.leg(0, &alice, &[(97, first.clone())]);
        let (b, at_b) = stage.leg(1, &bob, &[(97, second.clone())]);
        stage.plane.bridge(a, b);
        stage.statistics(a);
        let from_alice = talk(alice, at_a.rtp, first.clone(), Some(700), 120);
        let from_bob = talk(bob, at_b.rtp, second.clone(), Some(1_100), 120);
        let (mut alice, heard) = from_alice.join().unwrap();
        let measured = level(&heard, &first, 1_100);
        assert!((measured - SPOKEN).abs() < 1.5, "{second:?} → {first:?}: {measured}");
        assert!(level(&heard, &first, 700) < -45.0);
        let (bob, heard) = from_bob.join().unwrap();
        let measured = level(&heard, &second, 700);
        assert!((measured - SPOKEN).abs() < 1.5, "{first:?} → {second:?}: {measured}");

        let before = alice.hear();
        stage.plane.configure(b, agreement(&bob, &[(98, first.clone())]));
        stage.statistics(b);
        alice.say(at_a.rtp, 97, b"as it is");
        while bob.hear().payload != b"as it is" {}
        let mut bob = bob;
        bob.say(at_b.rtp, 98, b"and back");
        let mut last = before;
        loop {
            let next = alice.hear();
            assert_eq!(next.sequence, last.sequence.wrapping_add(1));
            assert_eq!(next.ssrc, last.ssrc);
            if next.payload == b"and back" {
                break;
            }
            last = next;
        }
        assert_eq!(stage.end().dropped.total(), 0);
    }
}

#[test]
fn keys_cross_a_transcoded_bridge() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::new(1), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &[(96, Codec::OPUS), (101, Codec::telephone_event(48_000))]);
    let (b, _) = stage.leg(1, &bob, &[(8, Codec::PCMA), (100, Codec::telephone_event(8_000))]);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    alice.say(at_a.rtp, 101, &[11, 0x8a, 0x12, 0xc0]);
    let mut ends = 0;
    let mut timestamps = Vec::new();
    while ends < 3 {
        let packet = bob.hear();
        if packet.payload_type == 100 {
            assert_eq!(packet.payload[0], 11);
            timestamps.push(packet.timestamp);
            if packet.payload[1] & 0x80 != 0 {
                ends += 1;
                // 100 ms on the clock of the other side.
                assert_eq!(packet.payload[2..], [3, 32]);
            }
        }
    }
    assert_eq!(timestamps.len(), 7);
    timestamps.dedup();
    assert_eq!(timestamps.len(), 1);
    loop {
        if let MediaEvent::Dtmf {
            leg, digit, passed_on, ..
        } = stage.event()
        {
            assert_eq!((leg, digit, passed_on), (a, DtmfDigit::from_char('#').unwrap(), true));
            break;
        }
    }
}

#[test]
fn a_leg_moves_from_bridge_to_room_to_bridge_in_one_stream_and_the_speaker_is_told() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::new(1), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &[(97, Codec::PCMA)]);
    let (b, at_b) = stage.leg(1, &bob, &[(97, Codec::PCMA)]);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    alice.say(at_a.rtp, 97, b"one");
    let first = bob.hear();
    stage.plane.join(a, ROOM, Part::default());
    stage.plane.join(b, ROOM, Part::default());
    let from_alice = talk(alice, at_a.rtp, Codec::PCMA, Some(600), 60);
    let mut last = first;
    for _ in 0..50 {
        let next = bob.hear();
        assert_eq!((next.ssrc, next.sequence), (last.ssrc, last.sequence.wrapping_add(1)));
        assert!(next.timestamp.wrapping_sub(last.timestamp) >= 160);
        last = next;
    }
    let (mut alice, _) = from_alice.join().unwrap();
    loop {
        if let MediaEvent::Speaks { leg, room } = stage.event() {
            assert_eq!((leg, room), (a, ROOM));
            break;
        }
    }
    stage.plane.bridge(b, a);
    stage.statistics(a);
    alice.say(at_a.rtp, 97, b"two");
    loop {
        let next = bob.hear();
        assert_eq!((next.ssrc, next.sequence), (last.ssrc, last.sequence.wrapping_add(1)));
        last = next;
        if last.payload == b"two" {
            break;
        }
    }
    assert!(last.marker);
    let _ = at_b;
}

#[test]
fn who_is_muted_listens_and_what_is_played_in_a_room_all_hear() {
    let stage = Stage::new();
    let mut talks = Vec::new();
    for n in 0..3 {
        let phone = Phone::new(u32::from(n));
        let (leg, at) = stage.leg(n, &phone, &[(97, Codec::PCMA)]);
        let part = Part {
            muted: n == 0,
            gain_db: if n == 1 { -6 } else { 0 },
        };
        stage.plane.join(leg, ROOM, part);
        talks.push((phone, at.rtp));
    }
    let tone = Tone::Steady {
        hz: 2_000,
        level_dbm0: -20,
    };
    stage.plane.play_in(ROOM, Programme::from(tone));
    let tones = [600, 800, 1_000];
    let talks: Vec<_> = talks
        .into_iter()
        .zip(tones)
        .map(|((phone, at), hz)| talk(phone, at, Codec::PCMA, Some(hz), 120))
        .collect();
    let heard: Vec<Vec<i16>> = talks.into_iter().map(|talk| talk.join().unwrap().1).collect();
    for heard in &heard {
        assert!((level(heard, &Codec::PCMA, 2_000) + 20.0).abs() < 0.5);
        assert!(level(heard, &Codec::PCMA, 600) < -50.0);
    }
    assert!((level(&heard[0], &Codec::PCMA, 800) - SPOKEN + 6.0).abs() < 1.0);
    assert!((level(&heard[0], &Codec::PCMA, 1_000) - SPOKEN).abs() < 1.0);
    assert!(level(&heard[1], &Codec::PCMA, 800) < -50.0);
}

#[test]
fn a_room_ends_with_its_last_leg_and_legs_that_are_gone_are_not_missed() {
    let stage = Stage::new();
    let phones: Vec<Phone> = (0..3).map(Phone::new).collect();
    let legs: Vec<LegKey> = (0..)
        .zip(&phones)
        .map(|(n, phone)| stage.leg(n, phone, &[(8, Codec::PCMA)]).0)
        .collect();
    stage.plane.join(LegKey { call: 1, leg: 1 }, ROOM, Part::default());
    for leg in &legs {
        stage.plane.join(*leg, ROOM, Part::default());
    }
    phones[2].hear();
    stage.close(legs[0]);
    stage.plane.leave(legs[1]);
    phones[2].hear();
    stage.close(legs[2]);
    stage.plane.join(legs[1], ROOM, Part::default());
    phones[1].hear();
    assert_eq!(stage.close(legs[1]).dropped.total(), 0);
}
