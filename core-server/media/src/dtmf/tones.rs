//! Keys heard as their two tones (ITU-T Q.23, Q.24), told from speech, which now and then sounds like one (talk-off).

use std::f32::consts::TAU;

use serde::{Deserialize, Serialize};

use super::KeyPress;
use crate::{
    event::DtmfDigit,
    sound::{COLUMNS, KEYPAD, ROWS},
};

/// Looks for keys in samples at 8000 Hz, in blocks of 12.75 ms, with Goertzel's filters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ToneDetector {
    /// The last two values of the filters of the rows and of the columns.
    last: [f32; 8],
    before: [f32; 8],
    energy: f32,
    samples: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    #[default]
    Silent,
    /// Heard in one block, which may be chance.
    Suspected(DtmfDigit),
    Pressed {
        digit: DtmfDigit,
        blocks: u32,
        misses: u32,
    },
}

const RATE: f32 = 8_000.0;
const BLOCK: u32 = 102;
/// Of one tone: −36 dBm0, as a filter's power.
const FAINTEST: f32 = 3.4e8;
/// How much stronger the row may be than the column (8 dB), and the other way (4.5 dB).
const TWIST: f32 = 6.3;
const REVERSE_TWIST: f32 = 2.8;
/// How far the two stand out from the other rows and columns (8 dB).
const PROMINENCE: f32 = 6.3;
/// The share of all energy that the two have to have; speech has harmonics besides.
const PURITY: f32 = 0.77;
/// A key is held until it is missed so often.
const MISSES: u32 = 2;

impl ToneDetector {
    /// Listens to samples; tells each press when it ends.
    pub(crate) fn hear(&mut self, samples: &[i16], mut tell: impl FnMut(KeyPress)) {
        let coefficients = coefficients();
        for sample in samples {
            let sample = f32::from(*sample);
            for ((last, before), coefficient) in self.last.iter_mut().zip(&mut self.before).zip(coefficients) {
                (*last, *before) = (sample + coefficient * *last - *before, *last);
            }
            self.energy += sample * sample;
            self.samples += 1;
            if self.samples == BLOCK {
                let key = self.classify(&coefficients);
                self.step(key).into_iter().for_each(&mut tell);
                let state = self.state;
                *self = ToneDetector {
                    state,
                    ..ToneDetector::default()
                };
            }
        }
    }

    fn classify(&self, coefficients: &[f32; 8]) -> Option<DtmfDigit> {
        let power =
            |n: usize| self.last[n].powi(2) + self.before[n].powi(2) - coefficients[n] * self.last[n] * self.before[n];
        let powers: [f32; 8] = std::array::from_fn(power);
        let (row, row_power) = prominent(&powers[..4])?;
        let (column, column_power) = prominent(&powers[4..])?;
        let balanced = row_power <= column_power * TWIST && column_power <= row_power * REVERSE_TWIST;
        // Two pure tones have a filter power of half a block times their energy.
        let pure = row_power + column_power >= PURITY * self.energy * (BLOCK as f32 / 2.0);
        (balanced && pure)
            .then(|| DtmfDigit::from_event(KEYPAD[row][column]))
            .flatten()
    }

    fn step(&mut self, key: Option<DtmfDigit>) -> Option<KeyPress> {
        let anew = key.map_or(State::Silent, State::Suspected);
        match self.state {
            State::Silent => self.state = anew,
            State::Suspected(digit) if key == Some(digit) => {
                self.state = State::Pressed {
                    digit,
                    blocks: 2,
                    misses: 0,
                };
            }
            State::Suspected(_) => self.state = anew,
            State::Pressed { digit, blocks, misses } if key == Some(digit) => {
                let blocks = blocks.saturating_add(1 + misses);
                self.state = State::Pressed {
                    digit,
                    blocks,
                    misses: 0,
                };
            }
            State::Pressed { digit, blocks, misses } if misses + 1 < MISSES => {
                self.state = State::Pressed {
                    digit,
                    blocks,
                    misses: misses + 1,
                };
            }
            State::Pressed { digit, blocks, .. } => {
                self.state = anew;
                let millis = u64::from(blocks) * u64::from(BLOCK) / 8;
                return Some(KeyPress {
                    digit,
                    duration_ms: u32::try_from(millis).unwrap_or(u32::MAX),
                });
            }
        }
        None
    }
}

/// The strongest of four, if it stands out.
fn prominent(powers: &[f32]) -> Option<(usize, f32)> {
    let (place, strongest) = powers.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let alone = (0..)
        .zip(powers)
        .all(|(n, power)| n == place || power * PROMINENCE <= strongest);
    (alone && strongest >= FAINTEST).then_some((place, strongest))
}

fn coefficients() -> [f32; 8] {
    let of = |hz: u16| 2.0 * (TAU * f32::from(hz) / RATE).cos();
    std::array::from_fn(|n| if n < 4 { of(ROWS[n]) } else { of(COLUMNS[n - 4]) })
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::Entropy;

    use super::*;
    use crate::sound::{Tone, synthesise};

    fn heard(samples: &[i16]) -> Vec<(char, u32)> {
        let (mut detector, mut heard) = (ToneDetector::default(), Vec::new());
        // Packets do not end where blocks do.
        for packet in samples.chunks(160) {
            detector.hear(packet, |press| heard.push((press.digit.as_char(), press.duration_ms)));
        }
        heard
    }

    fn mix(parts: &[(f64, f64)], ms: usize) -> Vec<i16> {
        let at = |n: usize| -> f64 {
            let of = |(hz, peak): &(f64, f64)| peak * (std::f64::consts::TAU * hz * n as f64 / 8_000.0).sin();
            parts.iter().map(of).sum()
        };
        (0..ms * 8).map(|n| at(n) as i16).collect()
    }

    #[test]
    fn every_key_is_heard_once_with_its_length() {
        let mut samples = Vec::new();
        for code in 0..16 {
            let digit = DtmfDigit::from_event(code).expect("sixteen keys");
            let mut tone = vec![0; 640];
            synthesise(Tone::Key(digit), 0, 8_000, &mut tone);
            samples.extend(tone);
            samples.extend([0; 480]);
        }
        let heard = heard(&samples);
        assert_eq!(
            heard.iter().map(|(key, _)| *key).collect::<String>(),
            "0123456789*#ABCD"
        );
        assert!(heard.iter().all(|(_, ms)| (51..=89).contains(ms)), "{heard:?}");
    }

    #[test]
    fn what_the_standard_asks_for_is_heard() {
        let pause = vec![0; 400];
        // Short, off by 1.5 %, weak, the row stronger, the column stronger.
        for tone in [
            mix(&[(770.0, 5_000.0), (1336.0, 5_000.0)], 40),
            mix(&[(781.0, 5_000.0), (1317.0, 5_000.0)], 80),
            mix(&[(770.0, 500.0), (1336.0, 500.0)], 80),
            mix(&[(770.0, 5_000.0), (1336.0, 2_300.0)], 80),
            mix(&[(770.0, 3_500.0), (1336.0, 5_000.0)], 80),
        ] {
            let keys: String = heard(&[tone, pause.clone()].concat())
                .iter()
                .map(|(key, _)| *key)
                .collect();
            assert_eq!(keys, "5");
        }
    }

    #[test]
    fn what_is_no_key_is_not_heard() {
        let pause = vec![0; 400];
        for tone in [
            mix(&[(770.0, 5_000.0), (1336.0, 5_000.0)], 20),
            mix(&[(770.0, 5_000.0), (1390.0, 5_000.0)], 200),
            mix(&[(770.0, 8_000.0), (1336.0, 1_500.0)], 200),
            mix(&[(400.0, 5_000.0), (450.0, 5_000.0)], 2_000),
            mix(&[(770.0, 4_000.0), (1336.0, 4_000.0), (1000.0, 4_000.0)], 200),
            mix(&[(770.0, 50.0), (1336.0, 50.0)], 200),
        ] {
            assert_eq!(heard(&[tone, pause.clone()].concat()), []);
        }
    }

    #[test]
    fn two_minutes_of_vowels_pure_as_song_are_hardly_ever_dialling() {
        let mut entropy = Entropy::from_number(11);
        let mut total = Vec::new();
        for _ in 0..600 {
            // Vowels: twelve harmonics of a pitch that glides, weighted by two formants, with some breath.
            let pitch = 80.0 + f64::from(entropy.below(200));
            let formants = [
                300.0 + f64::from(entropy.below(600)),
                900.0 + f64::from(entropy.below(1_500)),
            ];
            let glide = f64::from(entropy.below(40)) - 20.0;
            let mut phase = 0.0;
            let syllable: Vec<i16> = (0..1_600)
                .map(|n| {
                    let pitch = pitch + glide * f64::from(n) / 1_600.0;
                    phase += std::f64::consts::TAU * pitch / 8_000.0;
                    let weight = |hz: f64| {
                        let near = |formant: &f64| 1.0 / (1.0 + ((hz - formant) / 120.0).powi(2));
                        formants.iter().map(near).sum::<f64>()
                    };
                    let voice: f64 = (1..=12)
                        .map(f64::from)
                        .map(|k| weight(k * pitch) * (k * phase).sin())
                        .sum();
                    let breath = f64::from(entropy.below(200)) - 100.0;
                    (voice * 6_000.0 + breath) as i16
                })
                .collect();
            total.extend(heard(&syllable));
        }
        assert!(total.len() <= 1, "{total:?}");
    }
}
