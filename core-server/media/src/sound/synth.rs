//! Samples of a tone at any place of its endless course: nothing is remembered between packets.

use std::f64::consts::TAU;

use super::{
    Tone,
    level::amplitude,
    tones::{Course, Part, Shape, Sine, Sines},
};

/// Fills `samples` with the tone from its `position_ms` on.
pub(crate) fn synthesise(tone: Tone, position_ms: u64, sample_rate: u32, samples: &mut [i16]) {
    let rate = u64::from(sample_rate);
    let first = position_ms * rate / 1000;
    match tone.course() {
        Course::Steady(sines) => render(sines, first, rate, samples),
        Course::Parts(parts) => synthesise_parts(parts, first, rate, samples),
    }
}

fn synthesise_parts(parts: &[Part], first: u64, rate: u64, samples: &mut [i16]) {
    let len_of = |part: &Part| u64::from(part.ms) * rate / 1000;
    let period: u64 = parts.iter().map(len_of).sum();
    let Some(mut within) = first.checked_rem(period) else {
        return samples.fill(0);
    };
    let mut done = 0;
    for part in parts.iter().cycle() {
        if done == samples.len() {
            return;
        }
        let len = len_of(part);
        if within >= len {
            within -= len;
            continue;
        }
        let count = usize::try_from(len - within).map_or(samples.len() - done, |left| left.min(samples.len() - done));
        let piece = &mut samples[done..done + count];
        render(part.sines, first + done as u64, rate, piece);
        if part.shape == Shape::Bell {
            strike(within, rate, piece);
        }
        done += count;
        within = 0;
    }
}

fn render(sines: Sines, first: u64, rate: u64, samples: &mut [i16]) {
    // The peaks of two sines of ours together stay below full scale; a louder one is cut by the conversion.
    match sines {
        Sines::None => samples.fill(0),
        Sines::One(sine) => {
            let mut sine = Oscillator::new(sine, first, rate);
            samples.iter_mut().for_each(|sample| *sample = sine.next() as i16);
        }
        Sines::Two(low, high) => {
            let (mut low, mut high) = (Oscillator::new(low, first, rate), Oscillator::new(high, first, rate));
            samples
                .iter_mut()
                .for_each(|sample| *sample = (low.next() + high.next()) as i16);
        }
    }
}

/// The envelope of a bell that was struck `within` samples ago.
fn strike(within: u64, rate: u64, samples: &mut [i16]) {
    let (attack, decay) = (rate as f64 * ATTACK_SECONDS, rate as f64 * DECAY_SECONDS);
    let per_sample = (-1.0 / decay).exp();
    let mut left = (-(within as f64) / decay).exp();
    for (n, sample) in (within..).zip(samples) {
        let rising = (n as f64 / attack).min(1.0);
        *sample = (f64::from(*sample) * left * rising) as i16;
        left *= per_sample;
    }
}

const ATTACK_SECONDS: f64 = 0.006;
const DECAY_SECONDS: f64 = 0.09;

/// A sine by recurrence, which costs one multiplication for each sample.
struct Oscillator {
    twice_cosine: f64,
    next: f64,
    before: f64,
}

impl Oscillator {
    fn new(sine: Sine, first: u64, rate: u64) -> Self {
        let peak = amplitude(sine.level_dbm0);
        let hz = u64::from(sine.hz);
        let step = TAU * hz as f64 / rate as f64;
        // The remainder first: the phase stays exact however long the tone lasts.
        let phase = TAU * (first * hz % rate) as f64 / rate as f64;
        Oscillator {
            twice_cosine: 2.0 * step.cos(),
            next: peak * phase.sin(),
            before: peak * (phase - step).sin(),
        }
    }

    fn next(&mut self) -> f64 {
        let value = self.next;
        self.next = self.twice_cosine * value - self.before;
        self.before = value;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::DtmfDigit, sound::measure_dbm0};

    /// The stretches of sound in six seconds, in milliseconds.
    fn stretches(tone: Tone) -> Vec<(usize, usize)> {
        let mut samples = vec![0; 48_000];
        synthesise(tone, 0, 8_000, &mut samples);
        let on: Vec<bool> = samples
            .chunks(8)
            .map(|ms| ms.iter().any(|sample| *sample != 0))
            .collect();
        let (mut found, mut begin) = (Vec::new(), None);
        for (ms, on) in on.iter().chain([&false]).enumerate() {
            match (on, begin) {
                (true, None) => begin = Some(ms),
                (false, Some(from)) => {
                    found.push((from, ms));
                    begin = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        found
    }

    #[test]
    fn cadences_are_those_of_the_table() {
        let ringing = [(0, 400), (600, 1000), (3000, 3400), (3600, 4000)];
        assert_eq!(stretches(Tone::Ringing), ringing);
        assert_eq!(stretches(Tone::Busy)[..2], [(0, 375), (750, 1125)]);
        assert_eq!(stretches(Tone::Congestion)[..2], [(0, 400), (750, 975)]);
        assert_eq!(stretches(Tone::NumberUnobtainable), [(0, 6000)]);
        assert_eq!(stretches(Tone::CallWaiting), [(0, 100), (4000, 4100)]);
        assert_eq!(stretches(Tone::Confirmation)[..3], [(0, 200), (350, 550), (2000, 2200)]);
        assert_eq!(stretches(Tone::SpecialInformation)[..2], [(0, 990), (1990, 2980)]);
        assert_eq!(stretches(Tone::Silence), []);
    }

    fn level_at(tone: Tone, from_ms: u64, hz: u32) -> f64 {
        let mut samples = vec![0; 1_600];
        synthesise(tone, from_ms, 8_000, &mut samples);
        measure_dbm0(&samples, 8_000, hz)
    }

    #[test]
    fn frequencies_and_levels_are_those_of_the_table() {
        let key = DtmfDigit::from_char('6').expect("a key");
        let expected = [
            (Tone::Ringing, 0, 400, -16.0),
            (Tone::Ringing, 0, 450, -16.0),
            (Tone::Dial, 123_456_789, 350, -16.0),
            (Tone::Dial, 123_456_789, 440, -16.0),
            (Tone::SpecialDial, 800, 440, -13.0),
            (Tone::SpecialDial, 800, 350, -100.0),
            (Tone::SpecialInformation, 0, 950, -13.0),
            (Tone::SpecialInformation, 400, 1400, -13.0),
            (Tone::SpecialInformation, 700, 1800, -13.0),
            (Tone::Confirmation, 350, 1400, -13.0),
            (Tone::Error, 0, 400, -13.0),
            (Tone::Error, 250, 1004, -13.0),
            (Tone::Key(key), 0, 770, -9.0),
            (Tone::Key(key), 0, 1477, -7.0),
        ];
        for (tone, from_ms, hz, level) in expected {
            let measured = level_at(tone, from_ms, hz);
            let right = (measured - level).abs() < 0.2 || (level < -99.0 && measured < -40.0);
            assert!(right, "{tone:?} at {hz} Hz: {measured}");
        }
    }

    #[test]
    fn the_melody_has_bells_that_neither_click_nor_clip() {
        let mut samples = vec![0; 16_000 * 16];
        synthesise(Tone::Melody, 0, 16_000, &mut samples);
        assert_eq!(samples[..16_000 * 8], samples[16_000 * 8..]);
        assert!(level_at(Tone::Melody, 0, 523) > -26.0);
        let steepest = samples
            .windows(2)
            .map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs())
            .max();
        assert!(steepest < Some(4_000), "{steepest:?}");
    }

    #[test]
    fn pieces_fit_together() {
        let sound = Tone::Steady { hz: 997, level_dbm0: 3 };
        let mut whole = [0; 960];
        synthesise(sound, 40, 16_000, &mut whole);
        for (ms, piece) in (40..).step_by(20).zip(whole.chunks(320)) {
            let mut alone = [0; 320];
            synthesise(sound, ms, 16_000, &mut alone);
            let apart = alone
                .iter()
                .zip(piece)
                .map(|(a, b)| (i32::from(*a) - i32::from(*b)).abs());
            assert!(apart.max() <= Some(1));
        }
    }
}
