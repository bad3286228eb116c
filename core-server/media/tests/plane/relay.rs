//! Sound from leg to leg.

use wigwag_media::{DropReason, IpFamily, MediaConfig, MediaEvent, MediaPlane};
use wigwag_sansio::Entropy;
use wigwag_sip::sdp::{Codec, Direction};

use crate::{
    phone::{Phone, receive},
    stage::{Stage, agreement, key},
};

#[test]
fn two_phones_hear_each_other_each_in_its_own_numbers() {
    let stage = Stage::new();
    let (mut alice, mut bob) = (Phone::new(1), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &[(96, Codec::OPUS), (101, Codec::telephone_event(48_000))]);
    let (b, at_b) = stage.leg(1, &bob, &[(111, Codec::OPUS), (126, Codec::telephone_event(48_000))]);
    stage.plane.bridge(a, b);
    stage.statistics(a);

    alice.say(at_a.rtp, 96, b"hello");
    let first = bob.hear();
    assert_eq!(
        (first.payload_type, first.payload.as_slice(), first.source),
        (111, &b"hello"[..], at_b.rtp)
    );
    alice.say(at_a.rtp, 101, &[5, 10, 0, 160]);
    let second = bob.hear();
    assert_eq!((second.payload_type, second.ssrc), (126, first.ssrc));
    assert_eq!(second.sequence.wrapping_sub(first.sequence), 1);
    assert_eq!(second.timestamp.wrapping_sub(first.timestamp), 160);

    bob.say(at_b.rtp, 111, b"hi");
    let back = alice.hear();
    assert_eq!(
        (back.payload_type, back.payload.as_slice(), back.source),
        (96, &b"hi"[..], at_a.rtp)
    );
    assert_ne!(back.ssrc, bob.ssrc);

    let statistics = stage.close(a);
    assert_eq!((statistics.received.packets, statistics.received.payload_bytes), (2, 9));
    assert_eq!((statistics.sent.packets, statistics.sent.payload_bytes), (1, 2));
    assert_eq!(
        statistics.remote.map(|remote| *remote.expose()),
        Some(alice.rtp_address())
    );
    let metrics = stage.end();
    assert_eq!((metrics.legs, metrics.packets_relayed), (0, 3));
}

#[test]
fn phones_of_both_address_families_hear_each_other() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::of_family(IpFamily::V6, 1), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &[(8, Codec::PCMA)]);
    let (b, _) = stage.leg(1, &bob, &[(8, Codec::PCMA)]);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    alice.say(at_a.rtp, 8, b"six");
    assert_eq!(bob.hear().payload, b"six");
}

#[test]
fn contributing_sources_extensions_and_padding_stay_behind() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::new(1), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &[(8, Codec::PCMA)]);
    let (b, _) = stage.leg(1, &bob, &[(8, Codec::PCMA)]);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    let plain = alice.packet(8, b"");
    let extras = [0, 0, 0, 7, 0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0];
    let dressed = [&[0xb1], &plain[1..], &extras, b"sound", &[0, 0, 3]].concat();
    alice.rtp.send_to(&dressed, at_a.rtp).unwrap();
    assert_eq!(bob.hear().payload, b"sound");
}

#[test]
fn an_echo_is_what_was_said() {
    let stage = Stage::new();
    let mut alice = Phone::new(1);
    let (a, at_a) = stage.leg(0, &alice, &[(9, Codec::G722)]);
    stage.plane.echo(a);
    stage.statistics(a);
    for word in [&b"one"[..], b"two"] {
        alice.say(at_a.rtp, 9, word);
        assert_eq!(alice.hear().payload, word);
    }
    assert_eq!(stage.close(a).sent.packets, 2);
}

#[test]
fn a_transferred_phone_hears_one_continuous_stream() {
    let stage = Stage::new();
    let (mut alice, mut bob, carol) = (Phone::new(1), Phone::new(2), Phone::new(3));
    let (a, at_a) = stage.leg(0, &alice, &[(8, Codec::PCMA)]);
    let (b, at_b) = stage.leg(1, &bob, &[(8, Codec::PCMA)]);
    let (c, _) = stage.leg(2, &carol, &[(8, Codec::PCMA)]);
    stage.plane.bridge(c, a);
    stage.statistics(c);
    alice.say(at_a.rtp, 8, b"from alice");
    let before = carol.hear();
    stage.plane.bridge(c, b);
    stage.statistics(c);
    alice.say(at_a.rtp, 8, b"to nobody");
    bob.say(at_b.rtp, 8, b"from bob");
    let after = carol.hear();
    assert_eq!((after.payload.as_slice(), after.marker), (&b"from bob"[..], true));
    assert_eq!(
        (after.ssrc, after.sequence),
        (before.ssrc, before.sequence.wrapping_add(1))
    );
    assert!(after.timestamp.wrapping_sub(before.timestamp) > 0);
    let dropped = stage.close(a).dropped;
    assert_eq!(dropped.of(DropReason::NoListener), dropped.total());
}

#[test]
fn conversations_that_become_one_meet_on_one_thread() {
    let stage = Stage::with(MediaConfig {
        threads: 3,
        ..MediaConfig::loopback()
    });
    let mut phones: Vec<_> = (0..8).map(Phone::new).collect();
    let mut ports = Vec::new();
    for (n, phone) in (0..).zip(&phones) {
        ports.push(stage.plane.open(u64::from(n), key(n), IpFamily::V4).unwrap());
        stage.plane.configure(key(n), agreement(phone, &[(8, Codec::PCMA)]));
    }
    for n in 1..8 {
        stage.plane.bridge(key(0), key(n));
        stage.statistics(key(0));
        let listener = usize::from(n);
        phones[0].say(ports[0].rtp, 8, b"to you");
        assert_eq!(phones[listener].hear().payload, b"to you");
        phones[listener].say(ports[listener].rtp, 8, b"and back");
        assert_eq!(phones[0].hear().payload, b"and back");
    }
    let metrics = stage.end();
    assert_eq!(
        (metrics.legs, metrics.packets_relayed, metrics.dropped.total()),
        (0, 14, 0)
    );
}

#[test]
fn nothing_reaches_a_phone_that_holds_and_comfort_noise_passes_again_after_it() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::new(1), Phone::new(2));
    let formats = [(8, Codec::PCMA), (13, Codec::comfort_noise(8_000))];
    let (a, at_a) = stage.leg(0, &alice, &formats);
    let (b, _) = stage.leg(1, &bob, &formats);
    stage.plane.bridge(a, b);
    let mut hold = agreement(&bob, &formats);
    hold.direction = Direction::RecvOnly;
    stage.plane.configure(b, hold);
    stage.statistics(b);
    alice.say(at_a.rtp, 8, b"unheard");
    while stage.statistics(a).dropped.of(DropReason::OnHold) == 0 {}
    stage.plane.configure(b, agreement(&bob, &formats));
    stage.statistics(b);
    alice.say(at_a.rtp, 13, &[40]);
    let noise = bob.hear();
    assert_eq!((noise.payload_type, noise.payload), (13, vec![40]));
}

#[test]
fn a_format_that_the_listener_did_not_agree_to_is_dropped() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::new(1), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &[(8, Codec::PCMA), (0, Codec::PCMU)]);
    let (b, _) = stage.leg(1, &bob, &[(8, Codec::PCMA)]);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    for (payload_type, payload) in [(0, b"no"), (18, b"no"), (8, b"ok")] {
        alice.say(at_a.rtp, payload_type, payload);
    }
    alice.rtp.send_to(b"\r\n\r\n", at_a.rtp).unwrap();
    alice.say(at_a.rtp, 8, b"ok");
    assert_eq!(
        (bob.hear().payload, bob.hear().payload),
        (b"ok".to_vec(), b"ok".to_vec())
    );
    let dropped = stage.close(a).dropped;
    let reasons = [
        DropReason::NoMapping,
        DropReason::UnknownPayloadType,
        DropReason::Malformed,
    ];
    assert_eq!(reasons.map(|reason| dropped.of(reason)), [1, 1, 1]);
    assert_eq!(stage.end().dropped.total(), 3);
}

#[test]
fn a_panic_of_who_is_told_ends_that_leg_only() {
    let (sender, events) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let tell = move |event: MediaEvent| {
        assert!(!matches!(event, MediaEvent::Dtmf { .. }), "a listener with a fault");
        sender.lock().unwrap().send(event).unwrap();
    };
    let config = MediaConfig {
        threads: 1,
        ..MediaConfig::loopback()
    };
    let plane = MediaPlane::start(config, Entropy::from_number(1), tell).unwrap();
    let stage = Stage { plane, events };
    let (mut alice, mut bob) = (Phone::new(1), Phone::new(2));
    let formats = [(8, Codec::PCMA), (101, Codec::telephone_event(8_000))];
    let (a, at_a) = stage.leg(0, &alice, &formats);
    let (b, at_b) = stage.leg(1, &bob, &formats);
    stage.plane.echo(b);
    stage.statistics(b);
    alice.say(at_a.rtp, 101, &[5, 0x80, 3, 32]);
    while !matches!(stage.event(), MediaEvent::Closed { leg, .. } if leg == a) {}
    bob.say(at_b.rtp, 8, b"still here");
    assert_eq!(bob.hear().payload, b"still here");
    assert_eq!(stage.end().legs, 0);
}

#[test]
fn rtcp_mux_gives_the_odd_port_back_and_reports_on_the_even_one() {
    let stage = Stage::new();
    let mut alice = Phone::new(1);
    let (a, at_a) = stage.leg(0, &alice, &[(8, Codec::PCMA)]);
    let mut mux = agreement(&alice, &[(8, Codec::PCMA)]);
    (mux.rtcp_mux, mux.remote_rtcp) = (true, mux.remote_rtp);
    stage.plane.configure(a, mux);
    stage.plane.echo(a);
    stage.statistics(a);
    std::net::UdpSocket::bind(at_a.rtcp).expect("the RTCP port is free again");
    alice.say(at_a.rtp, 8, b"sound");
    alice.hear();
    stage.close(a);
    let (goodbye, source) = receive(&alice.rtp);
    assert_eq!((goodbye[1], source), (200, at_a.rtp));
    assert_eq!(goodbye[goodbye.len() - 8..][..2], [0x81, 203]);
}
