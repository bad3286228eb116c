//! Tones, measured where they are heard.

use std::sync::Arc;

use wigwag_media::{
    DtmfDigit, IpFamily, MediaEvent, Position, Programme, Sound, Times, Tone, codec::Decoder, measure_dbm0,
};
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

/// The next event about a programme.
fn told(stage: &Stage) -> MediaEvent {
    loop {
        let event = stage.event();
        if matches!(event, MediaEvent::Played { .. } | MediaEvent::Stopped { .. }) {
            return event;
        }
    }
}

/// A WAV file of a tone of 1 kHz at −12 dBm0, which is 15.14 dB below full scale.
fn wav(sample_rate: u32, ms: u32) -> Arc<Sound> {
    let peak = 32_767.0 * 10f64.powf(-15.14 / 20.0);
    let at = |n: u32| (f64::from(n) * std::f64::consts::TAU * 1_000.0 / f64::from(sample_rate)).sin() * peak;
    let data: Vec<u8> = (0..sample_rate / 1_000 * ms)
        .flat_map(|n| (at(n) as i16).to_le_bytes())
        .collect();
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    file.extend(sample_rate.to_le_bytes());
    file.extend([0, 0, 0, 0, 2, 0, 16, 0]);
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    Arc::new(Sound::from_wav(&file).unwrap())
}

#[test]
fn recordings_of_every_rate_are_heard_in_every_codec_and_their_end_is_told() {
    for sample_rate in [8_000, 16_000, 48_000] {
        let stage = Stage::new();
        let sound = wav(sample_rate, 500);
        let mut phones = Vec::new();
        for (n, codec) in (0..).zip([Codec::PCMA, Codec::PCMU, Codec::G722, Codec::OPUS]) {
            let phone = Phone::new(1);
            let (leg, _) = stage.leg(n, &phone, &[(97, codec.clone())]);
            stage
                .plane
                .play(leg, Programme::new(u32::from(n)).sound(Arc::clone(&sound)).gain(2));
            phones.push((phone, codec));
        }
        for (phone, codec) in phones {
            let (samples, _) = listen(&phone, &codec, 25);
            let rate = codec.sample_rate();
            let level = measure_dbm0(&samples[rate as usize / 10..rate as usize * 9 / 20], rate, 1_000);
            assert!((level + 10.0).abs() < 0.8, "{sample_rate} → {codec:?}: {level}");
        }
        let mut ends: Vec<_> = (0..4)
            .map(|_| {
                let event = told(&stage);
                let MediaEvent::Played { leg, programme } = event else {
                    panic!("{event:?}");
                };
                (leg.leg, programme)
            })
            .collect();
        ends.sort_unstable();
        assert_eq!(ends, [(0, 0), (1, 1), (2, 2), (3, 3)]);
    }
}

#[test]
fn a_programme_that_is_replaced_or_stopped_tells_how_far_it_came() {
    let stage = Stage::new();
    let alice = Phone::new(1);
    let (a, _) = stage.leg(0, &alice, &[(8, Codec::PCMA)]);
    let twice = Times::Number(2.try_into().unwrap());
    let menu = Programme::new(1)
        .silence(30)
        .tone_for(Tone::Confirmation, 20)
        .item_repeated(twice)
        .repeated(Times::Forever);
    stage.plane.play(a, menu);
    let first = alice.hear();
    for _ in 0..3 {
        alice.hear();
    }
    stage.plane.play(a, Programme::new(2).silence(40));
    let event = told(&stage);
    let MediaEvent::Stopped {
        leg,
        programme,
        position,
    } = event
    else {
        panic!("{event:?}");
    };
    assert_eq!((leg, programme), (a, 1));
    let one_round = Position {
        round: 1,
        ..Position::default()
    };
    assert!(position >= one_round, "{position:?}");
    assert!(matches!(told(&stage), MediaEvent::Played { leg, programme: 2 } if leg == a));
    // One stream without a break, whatever was played.
    stage.plane.play(a, Programme::from(Tone::Busy));
    let mut last = first;
    for _ in 0..3 {
        let next = alice.hear();
        assert_eq!(next.ssrc, last.ssrc);
        assert!(next.timestamp.wrapping_sub(last.timestamp) < 0x8000_0000);
        last = next;
    }
    stage.plane.stop(a);
    assert!(matches!(told(&stage), MediaEvent::Stopped { programme: 0, .. }));
    stage.plane.play(a, Programme::new(3));
    assert!(matches!(told(&stage), MediaEvent::Played { programme: 3, .. }));
    stage.plane.play(a, Programme::new(4).tone(Tone::Melody));
    stage.close(a);
}

#[test]
fn keys_are_pressed_as_events_or_else_as_tones() {
    let stage = Stage::new();
    let (alice, bob) = (Phone::new(1), Phone::new(2));
    let (a, _) = stage.leg(0, &alice, &[(8, Codec::PCMA), (101, Codec::telephone_event(8_000))]);
    let (b, _) = stage.leg(1, &bob, &[(8, Codec::PCMA)]);
    for symbol in "*9".chars() {
        let digit = DtmfDigit::from_char(symbol).unwrap();
        stage.plane.press(a, digit, 100);
        stage.plane.press(b, digit, 100);
    }
    // Five packets while it is held, the last of which is its first end, and two more ends.
    let mut events = Vec::new();
    while events.len() < 14 {
        let packet = alice.hear();
        if packet.payload_type == 101 {
            events.push((
                packet.payload[0],
                packet.payload[1] >> 7,
                packet.marker,
                packet.timestamp,
            ));
        }
    }
    for (key, packets) in [10, 9].into_iter().zip(events.chunks(7)) {
        let ends = [0, 0, 0, 0, 1, 1, 1];
        for ((n, packet), ends) in (0..).zip(packets).zip(ends) {
            assert_eq!(*packet, (key, ends, n == 0, packets[0].3));
        }
    }
    assert!(events[7].3.wrapping_sub(events[0].3) >= 180 * 8);
    let mut samples = Vec::new();
    let mut decoder = Decoder::of(&Codec::PCMA).unwrap();
    for _ in 0..15 {
        decoder.decode(&bob.hear().payload, &mut samples).unwrap();
    }
    assert!((measure_dbm0(&samples[80..720], 8_000, 941) + 9.0).abs() < 0.5);
    assert!((measure_dbm0(&samples[80..720], 8_000, 1209) + 7.0).abs() < 0.5);
    assert!((measure_dbm0(&samples[1_520..2_160], 8_000, 1477) + 7.0).abs() < 0.5);
}

#[test]
fn fifty_listeners_are_served_in_one_wake_up_a_frame() {
    let stage = Stage::with(wigwag_media::MediaConfig {
        threads: 1,
        ..wigwag_media::MediaConfig::loopback()
    });
    let phones: Vec<Phone> = (0..50).map(Phone::new).collect();
    for (n, phone) in (0..).zip(&phones) {
        let (leg, _) = stage.leg(n, phone, &[(8, Codec::PCMA)]);
        stage.plane.play(leg, Tone::Melody);
    }
    phones.iter().for_each(|phone| drop(phone.hear()));
    let before = stage.plane.metrics().wake_ups;
    for _ in 0..25 {
        phones.iter().for_each(|phone| drop(phone.hear()));
    }
    // Twenty-five frames, and reports now and then.
    assert!(stage.plane.metrics().wake_ups - before < 100);
}
