//! Between sample rates of 8000, 16 000 and 48 000 Hz: a polyphase filter in whole numbers.
//!
//! The ratios are whole (2, 3, 6), so one table for each ratio does, without the general machinery (and the state that
//! cannot be copied) of a resampling library.

use std::{f64::consts::PI, sync::LazyLock};

/// Converts one stream; it comes out 2 ms later at 8000 Hz, 1 ms at 16 000 Hz.
#[derive(Debug)]
pub(crate) struct Resampler {
    from: u32,
    to: u32,
    /// The samples that the filter looks back on, then those of the present piece.
    window: Vec<i16>,
}

/// Coefficients for each sample of the lower rate: flat up to 82 % of its bandwidth, 70 dB down where it would alias.
const TAPS: usize = 32;

/// The longest piece: 60 ms at 48 kHz.
const LONGEST: usize = 2880;

/// A coefficient of one; sums of products with samples stay within 32 bits.
const ONE: f64 = 16_384.0;
const SHIFT: u32 = 14;

impl Resampler {
    /// `None` where there is nothing to convert.
    pub(crate) fn between(from: u32, to: u32) -> Option<Self> {
        (from != to).then(|| {
            let mut window = Vec::with_capacity(look_back(from, to) + LONGEST);
            window.resize(look_back(from, to), 0);
            Resampler { from, to, window }
        })
    }

    pub(crate) fn converts(&self, from: u32, to: u32) -> bool {
        (self.from, self.to) == (from, to)
    }

    /// Converts a piece, whose length in time is that of `into`.
    pub(crate) fn convert(&mut self, samples: &[i16], into: &mut [i16]) {
        self.window.extend_from_slice(samples);
        let table = table(self.from, self.to);
        if self.from < self.to {
            let ratio = (self.to / self.from) as usize;
            for (window, outs) in self.window.windows(TAPS).skip(1).zip(into.chunks_exact_mut(ratio)) {
                for (phase, out) in table.chunks_exact(TAPS).zip(outs) {
                    *out = dot(window, phase);
                }
            }
        } else {
            let ratio = (self.from / self.to) as usize;
            let windows = self.window.windows(table.len()).skip(ratio).step_by(ratio);
            for (window, out) in windows.zip(into) {
                *out = dot(window, table);
            }
        }
        let done = self.window.len() - look_back(self.from, self.to);
        self.window.copy_within(done.., 0);
        self.window.truncate(look_back(self.from, self.to));
    }
}

fn look_back(from: u32, to: u32) -> usize {
    if from < to { TAPS } else { TAPS * (from / to) as usize }
}

fn dot(samples: &[i16], coefficients: &[i16]) -> i16 {
    let products = samples.iter().zip(coefficients);
    let sum: i32 = products.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    let rounded = (sum + (1 << (SHIFT - 1))) >> SHIFT;
    rounded.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

fn table(from: u32, to: u32) -> &'static [i16] {
    match (from, to) {
        (8_000, 16_000) => &TABLES.up_2,
        (16_000, 48_000) => &TABLES.up_3,
        (8_000, 48_000) => &TABLES.up_6,
        (16_000, 8_000) => &TABLES.down_2,
        (48_000, 16_000) => &TABLES.down_3,
        (48_000, 8_000) => &TABLES.down_6,
        (_, _) => unreachable!("sounds and codecs have no other sample rates than 8000, 16 000 and 48 000 Hz"),
    }
}

struct Tables {
    up_2: Vec<i16>,
    up_3: Vec<i16>,
    up_6: Vec<i16>,
    down_2: Vec<i16>,
    down_3: Vec<i16>,
    down_6: Vec<i16>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    up_2: upwards(2),
    up_3: upwards(3),
    up_6: upwards(6),
    down_2: downwards(2),
    down_3: downwards(3),
    down_6: downwards(6),
});

/// A low pass at the lower rate's band edge: a sinc under a Kaiser window.
fn low_pass(ratio: usize) -> Vec<f64> {
    const EDGE: f64 = 0.48;
    const BETA: f64 = 6.8;
    let len = TAPS * ratio;
    let centre = (len - 1) as f64 / 2.0;
    let at = |n: usize| {
        let x = n as f64 - centre;
        let turn = 2.0 * PI * EDGE * x / ratio as f64;
        let sinc = if turn == 0.0 { 1.0 } else { turn.sin() / turn };
        let across = x / centre;
        sinc * bessel(BETA * (1.0 - across * across).max(0.0).sqrt()) / bessel(BETA)
    };
    (0..len).map(at).collect()
}

/// The modified Bessel function of order zero, by its series.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    (1..32).fold(1.0, |sum, n| {
        term *= (x / 2.0 / f64::from(n)).powi(2);
        sum + term
    })
}

/// For each sample between two of the lower rate: the coefficients, oldest sample first, of sum one.
fn upwards(ratio: usize) -> Vec<i16> {
    let filter = low_pass(ratio);
    let phase = |phase: usize| {
        let taps: Vec<f64> = filter.iter().skip(phase).step_by(ratio).rev().copied().collect();
        in_whole_numbers(&taps)
    };
    (0..ratio).flat_map(phase).collect()
}

fn downwards(ratio: usize) -> Vec<i16> {
    in_whole_numbers(&low_pass(ratio))
}

fn in_whole_numbers(taps: &[f64]) -> Vec<i16> {
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|tap| (tap / sum * ONE).round() as i16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::{Tone, measure_dbm0, synth::synthesise};

    /// What becomes of one second of a tone, after the filter has filled.
    fn converted(from: u32, to: u32, hz: u16) -> Vec<i16> {
        let mut resampler = Resampler::between(from, to).expect("different rates");
        let (from_ms, to_ms) = (from as usize / 1000, to as usize / 1000);
        let (mut samples, mut into) = (vec![0; 60 * from_ms], vec![0; 1_000 * to_ms]);
        let (mut position_ms, mut rest) = (0, &mut into[..]);
        // Pieces of any whole number of milliseconds fit together.
        for ms in [1, 10, 20, 7, 60, 2].into_iter().cycle() {
            let ms = ms.min(rest.len() / to_ms);
            if ms == 0 {
                break;
            }
            let tone = Tone::Steady { hz, level_dbm0: -10 };
            synthesise(tone, position_ms, from, &mut samples[..ms * from_ms]);
            let (piece, left) = rest.split_at_mut(ms * to_ms);
            resampler.convert(&samples[..ms * from_ms], piece);
            (position_ms, rest) = (position_ms + ms as u64, left);
        }
        into.split_off(100 * to_ms)
    }

    #[test]
    fn what_a_phone_can_hear_keeps_its_level_and_gets_no_image() {
        for (from, to) in [
            (8_000, 16_000),
            (8_000, 48_000),
            (16_000, 48_000),
            (16_000, 8_000),
            (48_000, 8_000),
            (48_000, 16_000),
        ] {
            let low = from.min(to);
            for hz in [300, 1_000, low as u16 / 1000 * 400] {
                let sound = converted(from, to, hz);
                let level = measure_dbm0(&sound, to, u32::from(hz));
                assert!((level + 10.0).abs() < 0.3, "{from} → {to}: {hz} Hz at {level}");
                let image = low - u32::from(hz);
                if image < to / 2 {
                    let level = measure_dbm0(&sound, to, image);
                    assert!(level < -60.0, "{from} → {to}: image of {hz} Hz at {level}");
                }
            }
        }
    }

    #[test]
    fn what_would_alias_is_kept_out() {
        for (from, to) in [(16_000, 8_000), (48_000, 8_000), (48_000, 16_000)] {
            let hz = to / 1000 * 600;
            let level = measure_dbm0(&converted(from, to, hz as u16), to, to - hz);
            assert!(level < -65.0, "{from} → {to}: alias of {hz} Hz at {level}");
        }
    }

    #[test]
    fn the_loudest_sound_does_not_overflow() {
        let mut resampler = Resampler::between(48_000, 8_000).expect("different rates");
        let mut into = [0; 160];
        for value in [i16::MIN, i16::MAX] {
            resampler.convert(&[value; 960], &mut into);
            resampler.convert(&[value; 960], &mut into);
            assert!(into.iter().all(|sample| (sample - value).abs() < 40));
        }
    }
}
