//! Finds the tone in a piece of sound: its frequency, its level, and how much of the sound it is.

use std::f64::consts::TAU;

/// Where a tone is looked for, and in what steps: a window of 200 ms or more cannot miss it in between.
const LOWEST_HZ: f64 = 50.0;
const HIGHEST_HZ: f64 = 3500.0;
const STEP_HZ: f64 = 2.0;

/// The strongest tone of a piece of sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    /// Its frequency in hertz.
    pub hz: f64,
    /// Its level in decibels; a sine of full scale has 0.
    pub dbfs: f64,
    /// Its share in the energy of the sound, from 0 to 1.
    pub purity: f64,
}

impl Tone {
    /// Measures `samples`, taken `rate` times a second; `None` when they are silent or too few to tell.
    #[must_use]
    pub fn measure(samples: &[i16], rate: u32) -> Option<Tone> {
        let rate = f64::from(rate);
        let window: Vec<f64> = windowed(samples);
        let energy: f64 = window.iter().map(|sample| sample * sample).sum();
        if samples.len() < 64 || energy == 0.0 {
            return None;
        }
        let highest = HIGHEST_HZ.min(rate / 2.0 - STEP_HZ);
        let mut best = (LOWEST_HZ, 0.0);
        let mut hz = LOWEST_HZ;
        while hz <= highest {
            let power = goertzel(&window, hz / rate);
            if power > best.1 {
                best = (hz, power);
            }
            hz += STEP_HZ;
        }
        let hz = refine(&window, rate, best.0);
        let power = goertzel(&window, hz / rate);
        let count = window.len() as f64;
        // A Hann window halves the amplitude, and a sine's energy under it is 3/8 of its squared amplitude.
        let amplitude = 2.0 * power.sqrt() / (count / 2.0);
        let purity = (amplitude * amplitude / 2.0 * count * 3.0 / 8.0 / energy).min(1.0);
        Some(Tone {
            hz,
            dbfs: 20.0 * (amplitude / f64::from(i16::MAX)).log10(),
            purity,
        })
    }

    /// Whether this is a clear tone of `hz`, give or take 1 %.
    #[must_use]
    pub fn is(&self, hz: f64) -> bool {
        (self.hz - hz).abs() <= hz / 100.0 && self.purity > 0.9
    }
}

fn windowed(samples: &[i16]) -> Vec<f64> {
    let count = samples.len() as f64;
    let hann = |index: usize| 0.5 - 0.5 * (TAU * index as f64 / count).cos();
    samples
        .iter()
        .enumerate()
        .map(|(index, sample)| f64::from(*sample) * hann(index))
        .collect()
}

/// The squared magnitude of `window` at a frequency given in cycles a sample.
fn goertzel(window: &[f64], cycles: f64) -> f64 {
    let coefficient = 2.0 * (TAU * cycles).cos();
    let (mut previous, mut before) = (0.0, 0.0);
    for sample in window {
        let next = sample + coefficient * previous - before;
        before = previous;
        previous = next;
    }
    previous * previous + before * before - coefficient * previous * before
}

/// Closes in on the peak around `hz` by thirds.
fn refine(window: &[f64], rate: f64, hz: f64) -> f64 {
    let (mut low, mut high) = (hz - STEP_HZ, hz + STEP_HZ);
    while high - low > 0.05 {
        let third = (high - low) / 3.0;
        if goertzel(window, (low + third) / rate) < goertzel(window, (high - third) / rate) {
            low += third;
        } else {
            high -= third;
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f64, amplitude: f64, rate: u32, milliseconds: u32) -> Vec<i16> {
        let count = rate * milliseconds / 1000;
        let sample = |index: u32| (amplitude * (TAU * hz * f64::from(index) / f64::from(rate)).sin()) as i16;
        (0..count).map(sample).collect()
    }

    #[test]
    fn a_sine_is_measured_by_frequency_and_level() {
        for (hz, rate) in [(440.0, 8000), (660.0, 16000), (1004.3, 48000)] {
            let tone = Tone::measure(&sine(hz, 16384.0, rate, 300), rate).expect("there is a tone");
            assert!((tone.hz - hz).abs() < 0.3, "{tone:?}");
            assert!((tone.dbfs + 6.02).abs() < 0.2, "{tone:?}");
            assert!(tone.purity > 0.98, "{tone:?}");
            assert!(tone.is(hz) && !tone.is(hz * 1.05), "{tone:?}");
        }
    }

    #[test]
    fn silence_has_no_tone() {
        assert_eq!(Tone::measure(&[0; 4000], 8000), None);
    }

    #[test]
    fn of_two_tones_neither_is_pure() {
        let one = sine(440.0, 8000.0, 8000, 300);
        let both: Vec<i16> = one
            .iter()
            .zip(sine(660.0, 7000.0, 8000, 300))
            .map(|(one, other)| one + other)
            .collect();
        let tone = Tone::measure(&both, 8000).expect("there is a tone");
        assert!((tone.hz - 440.0).abs() < 1.0 && !tone.is(440.0), "{tone:?}");
    }
}
