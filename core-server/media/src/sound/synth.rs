//! Samples of a sound at any place of its endless course: nothing is remembered between packets.

use std::f32::consts::TAU;

use super::{
    Sound,
    level::amplitude,
    tones::{Cadence, Sine, Sines},
};

/// Fills `samples` with the sound from its `position_ms` on.
pub(crate) fn synthesise(sound: Sound, position_ms: u64, sample_rate: u32, samples: &mut [i16]) {
    let (sines, cadence) = sound.table();
    let rate = u64::from(sample_rate);
    let first = position_ms * rate / 1000;
    for (n, sample) in (first..).zip(samples) {
        *sample = if is_on(cadence, n * 1000 / rate) {
            // The peaks of two sines of ours together stay below full scale; a louder one is cut by the conversion.
            match sines {
                Sines::None => 0,
                Sines::One(sine) => value(sine, n, rate) as i16,
                Sines::Two(low, high) => (value(low, n, rate) + value(high, n, rate)) as i16,
            }
        } else {
            0
        };
    }
}

fn is_on(cadence: Cadence, ms: u64) -> bool {
    let period: u64 = cadence.iter().map(|(on, off)| u64::from(on + off)).sum();
    let Some(mut within) = ms.checked_rem(period) else {
        return true;
    };
    for (on, off) in cadence {
        if within < u64::from(*on) {
            return true;
        }
        within = within.saturating_sub(u64::from(*on));
        if within < u64::from(*off) {
            return false;
        }
        within -= u64::from(*off);
    }
    false
}

fn value(sine: Sine, n: u64, rate: u64) -> f32 {
    // The remainder first: the phase stays exact however long the sound lasts.
    let phase = (n * u64::from(sine.hz) % rate) as f32 / rate as f32;
    amplitude(sine.level_dbm0) * (TAU * phase).sin()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::measure_dbm0;

    /// The stretches of sound in six seconds, in milliseconds.
    fn stretches(sound: Sound) -> Vec<(usize, usize)> {
        let mut samples = vec![0; 48_000];
        synthesise(sound, 0, 8_000, &mut samples);
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
        assert_eq!(stretches(Sound::RingingTone), ringing);
        assert_eq!(stretches(Sound::BusyTone)[..2], [(0, 375), (750, 1125)]);
        assert_eq!(stretches(Sound::CongestionTone)[..2], [(0, 400), (750, 975)]);
        assert_eq!(stretches(Sound::NumberUnobtainable), [(0, 6000)]);
        assert_eq!(stretches(Sound::Silence), []);
    }

    #[test]
    fn frequencies_and_levels_are_those_of_the_table() {
        let mut samples = vec![0; 3_200];
        synthesise(Sound::RingingTone, 0, 8_000, &mut samples);
        for hz in [400, 450] {
            assert!((measure_dbm0(&samples, 8_000, hz) + 16.0).abs() < 0.2);
        }
        synthesise(Sound::DialTone, 123_456_789, 8_000, &mut samples);
        for hz in [350, 440] {
            assert!((measure_dbm0(&samples, 8_000, hz) + 16.0).abs() < 0.2);
        }
    }

    #[test]
    fn pieces_fit_together() {
        let sound = Sound::Tone { hz: 997, level_dbm0: 3 };
        let mut whole = [0; 960];
        synthesise(sound, 40, 16_000, &mut whole);
        for (ms, piece) in (40..).step_by(20).zip(whole.chunks(320)) {
            let mut alone = [0; 320];
            synthesise(sound, ms, 16_000, &mut alone);
            assert_eq!(alone, piece);
        }
    }
}
