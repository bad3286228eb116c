//! Tones, measured where they are heard.

use wigwag_media::{IpFamily, Tone, codec::Decoder, measure_dbm0};
use wigwag_sip::sdp::Codec;

use crate::{
    phone::{Packet, Phone},
    stage::{Stage, agreement, key},
};

/// Listens to `packets` packets, which follow each other without a gap; answers the samples and the last packet.
fn listen(phone: &Phone, codec: &Codec, packets: u32) -> (Vec<i16>, Packet) {
    let mut decoder = Decoder::of(codec).unwrap();
    let mut samples = Vec::new();
    let mut last = phone.hear();
    assert!(last.marker);
    decoder.decode(&last.payload, &mut samples).unwrap();
    for _ in 1..packets {
        let next = phone.hear();
        assert_eq!(next.sequence, last.sequence.wrapping_add(1));
        // A machine that stood still for a while is the only reason for a pause, which is marked.
        let step = next.timestamp.wrapping_sub(last.timestamp);
        assert!(step == codec.clock_rate / 50 || (next.marker && step > codec.clock_rate / 10));
        decoder.decode(&next.payload, &mut samples).unwrap();
        last = next;
    }
    (samples, last)
}

#[test]
fn ringing_tone_is_heard_at_its_frequencies_and_level_in_every_codec() {
    for codec in [Codec::PCMA, Codec::PCMU, Codec::G722, Codec::OPUS] {
        let stage = Stage::new();
        let alice = Phone::new(1);
        let (a, _) = stage.leg(0, &alice, &[(97, codec.clone())]);
        stage.plane.play(a, Tone::Ringing);
        let (samples, _) = listen(&alice, &codec, 30);
        let rate = codec.sample_rate() as usize;
        // The codecs need a moment; the first burst lasts 400 ms, then it is silent for 200.
        let (burst, pause) = (
            &samples[rate / 5..rate * 2 / 5],
            &samples[rate * 9 / 20..rate * 11 / 20],
        );
        for hz in [400, 450] {
            let level = measure_dbm0(burst, rate as u32, hz);
            assert!((level + 16.0).abs() < 1.0, "{codec:?}: {hz} Hz at {level} dBm0");
            assert!(measure_dbm0(pause, rate as u32, hz) < -45.0, "{codec:?}");
        }
        assert!(measure_dbm0(burst, rate as u32, 600) < -40.0, "{codec:?}");
    }
}

#[test]
fn a_tone_gives_way_to_the_bridge_without_a_break_in_numbering() {
    let stage = Stage::new();
    let (alice, mut bob) = (Phone::new(1), Phone::new(2));
    let (a, _) = stage.leg(0, &alice, &[(8, Codec::PCMA)]);
    let (b, at_b) = stage.leg(1, &bob, &[(8, Codec::PCMA)]);
    stage.plane.play(
        a,
        Tone::Steady {
            hz: 1000,
            level_dbm0: -10,
        },
    );
    let (samples, mut tone) = listen(&alice, &Codec::PCMA, 5);
    assert!((measure_dbm0(&samples, 8_000, 1000) + 10.0).abs() < 0.5);
    stage.plane.bridge(a, b);
    stage.statistics(a);
    bob.say(at_b.rtp, 8, b"hello");
    let mut next = alice.hear();
    while next.payload != b"hello" {
        (tone, next) = (next, alice.hear());
    }
    assert_eq!(
        (next.ssrc, next.sequence, next.marker),
        (tone.ssrc, tone.sequence.wrapping_add(1), true)
    );
}

#[test]
fn a_sound_that_begins_before_the_answer_is_heard_after_it() {
    let stage = Stage::new();
    let alice = Phone::new(1);
    stage.plane.open(1, key(0), IpFamily::V4).unwrap();
    stage.plane.play(key(0), Tone::NumberUnobtainable);
    stage.statistics(key(0));
    stage.plane.configure(key(0), agreement(&alice, &[(0, Codec::PCMU)]));
    let (samples, _) = listen(&alice, &Codec::PCMU, 5);
    assert!((measure_dbm0(&samples, 8_000, 400) + 13.0).abs() < 0.5);
}

#[test]
fn a_sound_over_a_bridge_ends_with_stop_and_the_bridge_goes_on() {
    let stage = Stage::new();
    let (alice, mut bob) = (Phone::new(1), Phone::new(2));
    let (a, _) = stage.leg(0, &alice, &[(8, Codec::PCMA)]);
    let (b, at_b) = stage.leg(1, &bob, &[(8, Codec::PCMA)]);
    stage.plane.bridge(a, b);
    stage.plane.play(a, Tone::Silence);
    assert_eq!(alice.hear().payload, [0xd5; 160]);
    stage.plane.stop(a);
    stage.statistics(a);
    bob.say(at_b.rtp, 8, b"hello");
    while alice.hear().payload != b"hello" {}
}
