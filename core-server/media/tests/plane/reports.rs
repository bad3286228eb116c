//! Figures and RTCP.

use std::time::Duration;

use wigwag_media::{MediaConfig, MediaEvent};
use wigwag_sip::sdp::Codec;

use crate::{
    phone::{Phone, receive},
    stage::{Stage, agreement},
};

const PCMA: [(u8, Codec); 1] = [(8, Codec::PCMA)];

#[test]
fn loss_is_counted_to_the_packet_and_reported_at_the_end() {
    let stage = Stage::new();
    let (mut alice, bob) = (Phone::new(0x0a11_ce00), Phone::new(2));
    let (a, at_a) = stage.leg(0, &alice, &PCMA);
    let (b, _) = stage.leg(1, &bob, &PCMA);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    let mut heard = Vec::new();
    for n in 0..200 {
        let packet = alice.packet(8, b"sound");
        if n % 5 != 2 {
            alice.rtp.send_to(&packet, at_a.rtp).unwrap();
            heard.push(bob.hear().sequence);
        }
    }
    let gaps = heard
        .windows(2)
        .filter(|pair| pair[1].wrapping_sub(pair[0]) == 2)
        .count();
    assert_eq!((heard.len(), gaps), (160, 40));
    let statistics = stage.close(a);
    assert_eq!((statistics.received.packets, statistics.received.lost), (160, 40));
    assert_eq!(statistics.figures().packets_lost, 40);
    stage.close(b);
    let (goodbye, _) = receive(&bob.rtcp);
    // A sender report of bob's leg: 160 packets of 5 bytes.
    assert_eq!((goodbye[1], &goodbye[20..28]), (200, &[0, 0, 0, 160, 0, 0, 3, 32][..]));
}

#[test]
fn both_sides_tell_each_other_what_they_lost() {
    let stage = Stage::new();
    let mut alice = Phone::new(0x0a11_ce00);
    let (a, at_a) = stage.leg(0, &alice, &PCMA);
    stage.plane.echo(a);
    stage.statistics(a);
    for n in 0..8 {
        let packet = alice.packet(8, b"sound");
        if n != 3 {
            alice.rtp.send_to(&packet, at_a.rtp).unwrap();
            alice.hear();
        }
    }
    // What alice says of our stream: 64 of 256 lost, 7 in all, jitter 80 units (10 ms).
    let report = peer_report(0x0a11_ce00, our_ssrc(&stage, &mut alice, at_a.rtp), 64, 7, 80);
    alice.rtcp.send_to(&report, at_a.rtcp).unwrap();
    let reported = loop {
        if let Some(reported) = stage.statistics(a).reported {
            break reported;
        }
    };
    assert_eq!(
        (reported.fraction_lost, reported.lost, reported.jitter_us),
        (64, 7, 10_000)
    );
    assert_eq!(stage.close(a).figures().reported_lost, 7);
    let (goodbye, source) = receive(&alice.rtcp);
    assert_eq!(source, at_a.rtcp);
    let block = &goodbye[28..52];
    assert_eq!(block[..4], 0x0a11_ce00u32.to_be_bytes());
    // One of nine lost.
    assert_eq!(block[4..8], [28, 0, 0, 1]);
}

#[test]
fn rtcp_from_strangers_is_dropped() {
    let stage = Stage::new();
    let (alice, mallory) = (Phone::new(1), Phone::of_family(wigwag_media::IpFamily::V4, 66));
    let private = "10.99.0.1:4000".parse().unwrap();
    let (a, at_a) = stage.leg(0, &alice, &PCMA);
    stage
        .plane
        .configure(a, crate::stage::agreement_at(private, private, &PCMA));
    stage.statistics(a);
    mallory.rtcp.send_to(&peer_report(1, 2, 0, 0, 0), at_a.rtcp).unwrap();
    while stage.statistics(a).dropped.of(wigwag_media::DropReason::UnknownSource) == 0 {}
}

#[test]
fn silence_is_told_again_and_again_and_its_end_once() {
    let stage = Stage::with(MediaConfig {
        no_media_after: Duration::from_millis(40),
        ..MediaConfig::loopback()
    });
    let mut alice = Phone::new(1);
    let (a, at_a) = stage.leg(0, &alice, &PCMA);
    let silent = |event| {
        let MediaEvent::NoMedia { leg, silent_for } = event else {
            panic!("{event:?}");
        };
        assert_eq!(leg, a);
        silent_for
    };
    let (first, second) = (silent(stage.event()), silent(stage.event()));
    assert!(first >= Duration::from_millis(40) && second > first);
    alice.say(at_a.rtp, 8, b"sound");
    loop {
        if let MediaEvent::MediaResumed { leg } = stage.event() {
            assert_eq!(leg, a);
            break;
        }
    }
    let mut hold = agreement(&alice, &PCMA);
    hold.direction = wigwag_sip::sdp::Direction::Inactive;
    stage.plane.configure(a, hold);
    stage.close(a);
}

/// The source of our stream, from one more packet of the echo.
fn our_ssrc(stage: &Stage, phone: &mut Phone, to: std::net::SocketAddr) -> u32 {
    assert_eq!(stage.plane.metrics().legs, 1);
    phone.say(to, 8, b"sound");
    phone.hear().ssrc
}

fn peer_report(from: u32, about: u32, fraction: u8, lost: u8, jitter: u8) -> Vec<u8> {
    let mut report = vec![0x81, 201, 0, 7];
    report.extend(from.to_be_bytes());
    report.extend(about.to_be_bytes());
    report.extend([
        fraction, 0, 0, lost, 0, 0, 0, 9, 0, 0, 0, jitter, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    report
}
