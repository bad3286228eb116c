//! What one leg says, in time: a jitter buffer that is as short as the network lets it be.
//!
//! Sound waits as packets and is decoded when it is due. A packet that comes too late lengthens the wait by what was
//! made up in its place; when more has waited for two seconds than was needed, a period of the voice is cut out.

use std::time::Duration;

use wigwag_sansio::Tick;

use super::{
    conceal::Concealer,
    similar::period,
    slots::{Due, Slots},
};
use crate::{
    codec::{Coding, Decoder},
    payload::Content,
    sound::Resampler,
};

/// The ear for one leg, which hears frames of 20 ms.
pub(crate) struct Ear {
    /// The rate at which it is listened through.
    sample_rate: u32,
    slots: Slots,
    decoding: Option<Decoding>,
    state: State,
    /// Samples in the last packet.
    packet_samples: usize,
    /// The least that was left over after a frame, in samples, and the frames since that is counted.
    left_over: usize,
    frames: u32,
}

struct Decoding {
    coding: Coding,
    decoder: Decoder,
    /// Of the decoder.
    rate: u32,
    /// Decoded, but not due yet.
    samples: Vec<i16>,
    concealer: Concealer,
    resampler: Option<Resampler>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Silent,
    /// The first packet came then.
    Beginning(Tick),
    Speaking {
        /// Frames in a row that had to be made up, since nothing came.
        starved: u32,
    },
}

/// The first packet waits at least so long, so that a little jitter does not tear the second from it.
const FIRST_WAIT: Duration = Duration::from_millis(8);
/// After so many frames without a packet nobody speaks any more.
const MOST_STARVED: u32 = 3;
/// How many frames are looked at before the wait is shortened, and before it is shortened further.
const WINDOW: u32 = 100;
const WINDOW_BETWEEN_CUTS: u32 = 25;
/// What may be left over: the wait is shortened down to this.
const SPARE_MS: usize = 12;
/// The longest packet, with what may be left of the one before.
const MOST_SAMPLES: usize = 48 * (120 + 60);

impl Ear {
    pub(crate) fn new(sample_rate: u32) -> Self {
        Ear {
            sample_rate,
            slots: Slots::new(),
            decoding: None,
            state: State::Silent,
            packet_samples: 0,
            left_over: usize::MAX,
            frames: 0,
        }
    }

    /// Listens at another rate from now on.
    pub(crate) fn retune(&mut self, sample_rate: u32) {
        if self.sample_rate != sample_rate {
            self.sample_rate = sample_rate;
            self.decoding = None;
        }
    }

    /// Takes in a packet.
    pub(crate) fn hear(&mut self, sequence: u16, content: Content, payload: &[u8], now: Tick) {
        let coding = match content {
            Content::Sound(coding) => coding,
            Content::KeyPress => None,
        };
        if self.slots.insert(sequence, coding, payload) && coding.is_some() && self.state == State::Silent {
            self.state = State::Beginning(now);
        }
    }

    /// Writes the next 20 ms of what is said; answers whether anything is.
    pub(crate) fn listen(&mut self, frame: &mut [i16], now: Tick) -> bool {
        match self.state {
            State::Silent => return false,
            State::Beginning(since) if now.since(since) < FIRST_WAIT => return false,
            State::Beginning(_) => self.state = State::Speaking { starved: 0 },
            State::Speaking { .. } => {}
        }
        let enough = self.decode();
        let Some(decoding) = &mut self.decoding else {
            self.state = State::Silent;
            return false;
        };
        let needed = decoding.rate as usize / 50;
        let starved = match self.state {
            _ if enough => 0,
            State::Speaking { starved } => starved + 1,
            State::Silent | State::Beginning(_) => 1,
        };
        if !enough {
            let missing = needed - decoding.samples.len();
            decoding.make_up(None, missing);
        }
        match &mut decoding.resampler {
            Some(resampler) => resampler.convert(&decoding.samples[..needed], frame),
            None => frame.copy_from_slice(&decoding.samples[..needed]),
        }
        decoding.samples.drain(..needed);
        self.state = State::Speaking { starved };
        if starved > MOST_STARVED {
            fade_out(frame);
            decoding.samples.clear();
            self.state = State::Silent;
        }
        self.keep_short();
        true
    }

    /// Decodes until a frame is there; answers whether it is.
    fn decode(&mut self) -> bool {
        loop {
            if let Some(decoding) = &self.decoding
                && decoding.samples.len() >= decoding.rate as usize / 50
            {
                return true;
            }
            match self.slots.next() {
                Due::Sound(coding, payload) => {
                    if self.decoding.as_ref().is_none_or(|known| known.coding != coding) {
                        self.decoding = Decoding::new(coding, self.sample_rate);
                    }
                    let Some(decoding) = &mut self.decoding else {
                        continue;
                    };
                    match decoding.decode(payload) {
                        Some(samples) => self.packet_samples = samples,
                        None => decoding.make_up(None, self.packet_samples),
                    }
                }
                Due::Lost(next) => {
                    if let Some(decoding) = &mut self.decoding {
                        let next = next.filter(|(coding, _)| *coding == decoding.coding);
                        decoding.make_up(next.map(|(_, payload)| payload), self.packet_samples);
                    }
                }
                Due::Nothing => return false,
            }
        }
    }

    /// Shortens the wait when it has been longer than needed for a while.
    fn keep_short(&mut self) {
        let Some(decoding) = &mut self.decoding else {
            return;
        };
        let left_over = decoding.samples.len() + self.slots.waiting() * self.packet_samples;
        self.left_over = self.left_over.min(left_over);
        self.frames += 1;
        if self.frames < WINDOW {
            return;
        }
        let spare = decoding.rate as usize / 1000 * SPARE_MS;
        let cut = self
            .left_over
            .checked_sub(spare)
            .map_or(0, |most| decoding.cut(most, &mut self.slots));
        self.frames = if cut > 0 { WINDOW - WINDOW_BETWEEN_CUTS } else { 0 };
        self.left_over = usize::MAX;
    }
}

impl Decoding {
    fn new(coding: Coding, sample_rate: u32) -> Option<Self> {
        let rate = coding.working_rate(sample_rate);
        Some(Decoding {
            coding,
            decoder: Decoder::at(coding, rate)?,
            rate,
            samples: Vec::with_capacity(MOST_SAMPLES),
            concealer: Concealer::new(rate),
            resampler: Resampler::between(rate, sample_rate),
        })
    }

    /// Answers how many samples a packet has.
    fn decode(&mut self, payload: &[u8]) -> Option<usize> {
        let before = self.samples.len();
        self.decoder.decode(payload, &mut self.samples)?;
        // A packet of G.711 may be any length; nobody speaks a quarter of a second at once.
        self.samples
            .truncate(before + self.rate as usize / 1000 * MOST_PACKET_MS);
        self.concealer.hear(&mut self.samples[before..]);
        Some(self.samples.len() - before)
    }

    fn make_up(&mut self, next: Option<&[u8]>, count: usize) {
        if self.decoder.make_up(next, count, &mut self.samples).is_none() {
            self.concealer.make_up(count, &mut self.samples);
        }
    }

    /// Cuts a period of the voice out, at most `most` samples; answers how many.
    fn cut(&mut self, most: usize, slots: &mut Slots) -> usize {
        let ms = self.rate as usize / 1000;
        let furthest = most.min(10 * ms);
        if furthest < 5 * ms / 2 {
            return 0;
        }
        if self.samples.len() < 2 * furthest
            && let Due::Sound(coding, payload) = slots.next()
            && coding == self.coding
        {
            self.decode(payload);
        }
        if self.samples.len() < 2 * furthest {
            return 0;
        }
        let period = period(&self.samples[..2 * furthest], furthest, 5 * ms / 2, furthest);
        for n in 0..period {
            let share = n as f32 / period as f32;
            let (now, later) = (f32::from(self.samples[n]), f32::from(self.samples[n + period]));
            self.samples[n] = (now * (1.0 - share) + later * share) as i16;
        }
        // The first period has become the second: that one goes.
        self.samples.drain(period..2 * period);
        period
    }
}

const MOST_PACKET_MS: usize = 120;

fn fade_out(frame: &mut [i16]) {
    let len = frame.len() as f32;
    for (n, sample) in frame.iter_mut().enumerate() {
        *sample = (f32::from(*sample) * (1.0 - n as f32 / len)) as i16;
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::Entropy;

    use super::*;
    use crate::{
        codec::Encoder,
        sound::{Tone, measure_dbm0, synthesise},
    };

    /// A phone that says a tone of 500 Hz at −10 dBm0, and an ear that listens every 20 ms.
    struct Line {
        ear: Ear,
        coding: Coding,
        heard: Vec<i16>,
    }

    const RATE: u32 = 16_000;

    impl Line {
        fn new(coding: Coding) -> Self {
            Line {
                ear: Ear::new(RATE),
                coding,
                heard: Vec::new(),
            }
        }

        /// Lets the packets of `seconds` come as `arrival` says, in µs after each was sent; `None` is lost.
        fn run(&mut self, seconds: u64, packet_ms: u64, mut arrival: impl FnMut(u64) -> Option<u64>) {
            let rate = self.coding.widest_rate();
            let mut encoder = Encoder::at(self.coding, rate).expect("a codec of ours");
            let mut packets: Vec<(u64, u16, Vec<u8>)> = (0..seconds * 1_000 / packet_ms)
                .filter_map(|n| {
                    let mut samples = vec![0; (u64::from(rate) * packet_ms / 1_000) as usize];
                    let tone = Tone::Steady {
                        hz: 500,
                        level_dbm0: -10,
                    };
                    synthesise(tone, n * packet_ms, rate, &mut samples);
                    let mut payload = vec![0; 1_500];
                    let bytes = encoder.encode(&samples, &mut payload).expect("room");
                    payload.truncate(bytes);
                    let at = (n + 1) * packet_ms * 1_000;
                    arrival(n).map(|late| (at + late, 65_500u16.wrapping_add(n as u16), payload))
                })
                .collect();
            packets.sort_by_key(|(at, ..)| *at);
            let mut packets = packets.into_iter().peekable();
            for frame in 1..=seconds * 50 {
                // The clocks of phone and server do not stand at the same place.
                let now = frame * 20_000 + 7_000;
                while let Some((at, sequence, payload)) = packets.next_if(|(at, ..)| *at <= now) {
                    let content = Content::Sound(Some(self.coding));
                    self.ear.hear(sequence, content, &payload, Tick::from_micros(at));
                }
                let mut samples = [0; RATE as usize / 50];
                self.ear.listen(&mut samples, Tick::from_micros(now));
                self.heard.extend(samples);
            }
        }

        /// The level of each tenth of a second, without the first half.
        fn levels(&self) -> Vec<f64> {
            let tenths = self.heard[RATE as usize / 2..].chunks_exact(RATE as usize / 10);
            tenths.map(|tenth| measure_dbm0(tenth, RATE, 500)).collect()
        }

        fn waits_ms(&self) -> usize {
            let decoding = self.ear.decoding.as_ref().expect("something was heard");
            let samples = decoding.samples.len() + self.ear.slots.waiting() * self.ear.packet_samples;
            samples * 1_000 / decoding.rate as usize
        }
    }

    #[test]
    fn what_comes_in_time_is_heard_as_it_was_said_in_every_codec_and_packet_time() {
        for coding in [Coding::Alaw, Coding::Ulaw, Coding::G722, Coding::Opus] {
            for packet_ms in [10, 20, 40, 60] {
                let mut line = Line::new(coding);
                line.run(3, packet_ms, |_| Some(100));
                let right = line.levels().iter().all(|level| (level + 10.0).abs() < 0.7);
                assert!(right, "{coding:?} {packet_ms}: {:?}", line.levels());
            }
        }
    }

    #[test]
    fn order_and_jitter_of_a_bad_network_are_not_heard() {
        let mut entropy = Entropy::from_number(5);
        let mut line = Line::new(Coding::Alaw);
        // Up to 45 ms: packets overtake each other.
        line.run(12, 20, |_| Some(u64::from(entropy.below(45_000))));
        let settled = line.levels().split_off(40);
        let bad = settled.iter().filter(|level| (**level + 10.0).abs() > 1.0).count();
        assert!(bad <= settled.len() / 25, "{settled:?}");
        assert!(line.waits_ms() <= 80);
    }

    #[test]
    fn a_lost_packet_in_twenty_is_made_up() {
        for coding in [Coding::Alaw, Coding::G722, Coding::Opus] {
            let mut line = Line::new(coding);
            line.run(6, 20, |n| (n % 20 != 13).then_some(100));
            let faintest = line.levels().into_iter().fold(0.0, f64::min);
            assert!(faintest > -15.0, "{coding:?}: {:?}", line.levels());
        }
    }

    #[test]
    fn a_wait_that_is_no_longer_needed_is_shortened_again() {
        let mut line = Line::new(Coding::Alaw);
        // For two seconds every tenth packet is 70 ms late.
        line.run(10, 20, |n| Some(if n < 100 && n % 10 == 9 { 70_000 } else { 100 }));
        assert!(line.waits_ms() <= 30, "{} ms", line.waits_ms());
        let late = line.levels().split_off(60);
        assert!(late.iter().all(|level| (level + 10.0).abs() < 1.0), "{late:?}");
    }

    #[test]
    fn a_phone_whose_clock_is_wrong_is_heard_for_a_minute() {
        for (numerator, denominator) in [(1_001, 1_000), (999, 1_000)] {
            let mut line = Line::new(Coding::Alaw);
            // Its packets come by its own clock, a thousandth too slow or too fast.
            let drift = |n: u64| (n + 1) * 20_000 * numerator / denominator + 1_000_000;
            line.run(60, 20, |n| Some(drift(n) - (n + 1) * 20_000));
            let levels = line.levels().split_off(20);
            let bad = levels.iter().filter(|level| (**level + 10.0).abs() > 2.0).count();
            assert!(bad <= 12, "{bad} of {}", levels.len());
            assert!(line.waits_ms() <= 60);
        }
    }

    #[test]
    fn silence_falls_softly_and_speech_begins_again() {
        let mut line = Line::new(Coding::Alaw);
        line.run(4, 20, |n| (!(50..125).contains(&n)).then_some(100));
        let pause = &line.heard[RATE as usize * 6 / 5..RATE as usize * 12 / 5];
        assert!(pause.iter().all(|sample| *sample == 0));
        assert!(measure_dbm0(&line.heard[RATE as usize * 3..], RATE, 500) > -10.7);
        let steepest = line
            .heard
            .windows(2)
            .map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs());
        // 500 Hz at that level rises by at most 1 450 from sample to sample.
        assert!(steepest.max() < Some(2_900));
    }

    #[test]
    fn no_packets_break_it() {
        let mut entropy = Entropy::from_number(6);
        let mut ear = Ear::new(RATE);
        let codings = [Coding::Alaw, Coding::Ulaw, Coding::G722, Coding::Opus];
        for n in 0..1_500u64 {
            let mut payload = vec![0; entropy.below(1_400) as usize];
            entropy.fill(&mut payload);
            let coding = codings.get(entropy.below(5) as usize).copied();
            let sequence = if entropy.below(50) == 0 {
                entropy.next_u32() as u16
            } else {
                n as u16
            };
            ear.hear(
                sequence,
                Content::Sound(coding),
                &payload,
                Tick::from_micros(n * 10_000),
            );
            if entropy.below(100) == 0 {
                ear.retune([8_000, 16_000, 48_000][entropy.below(3) as usize]);
            }
            let mut frame = vec![0; ear.sample_rate as usize / 50];
            ear.listen(&mut frame, Tick::from_micros(n * 10_000));
        }
    }
}
