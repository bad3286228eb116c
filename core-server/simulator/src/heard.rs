//! What is heard in a piece of sound: its strongest tone. Pure.

use serde::Serialize;
use wigwag_media::measure_dbm0;

/// Samples per second of what is measured.
pub(crate) const RATE: u32 = 8000;
/// How many samples are measured at once: 300 ms, which tells apart what lies 3.3 Hz apart.
pub(crate) const WINDOW: usize = 2400;

/// Where a tone is looked for, in hertz.
const LOWEST_HZ: u32 = 200;
const HIGHEST_HZ: u32 = 3500;
/// The steps in which it is looked for first: none falls between two of them.
const COARSE_HZ: usize = 3;
/// What is softer is silence.
const SILENCE_DBM0: f64 = -50.0;
/// A tone whose energy is less of the whole, in decibels, is one among others.
const CLEAR_DB: f64 = 1.5;

/// The strongest tone that is heard.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Heard {
    /// Its frequency in hertz, right to 2 Hz; none where it is still.
    pub hz: Option<u32>,
    /// Its level.
    pub dbm0: f64,
    /// Whether nothing else is heard beside it.
    pub is_clear: bool,
}

impl Heard {
    /// Measures sound of 8000 samples per second.
    #[must_use]
    pub fn in_samples(samples: &[i16]) -> Heard {
        let level = |hz| measure_dbm0(samples, RATE, hz);
        let strongest = |range: &mut dyn Iterator<Item = u32>| {
            let levels = range.map(|hz| (hz, level(hz)));
            levels
                .max_by(|(_, a), (_, b)| a.total_cmp(b))
                .unwrap_or((LOWEST_HZ, -100.0))
        };
        let (near, _) = strongest(&mut (LOWEST_HZ..HIGHEST_HZ).step_by(COARSE_HZ));
        let (hz, dbm0) = strongest(&mut (near - 2..=near + 2));
        Heard {
            hz: (dbm0 > SILENCE_DBM0).then_some(hz),
            dbm0,
            is_clear: dbm0 > total_dbm0(samples) - CLEAR_DB,
        }
    }

    /// Whether a clear tone of `hz` is heard, give or take 1 %.
    #[must_use]
    pub fn is(&self, hz: u16) -> bool {
        let hz = u32::from(hz);
        self.is_clear && self.hz.is_some_and(|heard| heard.abs_diff(hz) * 100 <= hz)
    }
}

/// The level of a sine with as much energy.
fn total_dbm0(samples: &[i16]) -> f64 {
    let energy: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    let peak = (2.0 * energy / samples.len().max(1) as f64).sqrt();
    20.0 * (peak / f64::from(i16::MAX)).log10() + FULL_SCALE_DBM0
}

/// ITU-T G.711 table 5.
#[expect(clippy::approx_constant, reason = "decibels, not half a circle")]
const FULL_SCALE_DBM0: f64 = 3.14;

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn sine(hz: f64, peak: f64) -> Vec<i16> {
        let sample = |n: usize| (peak * (TAU * hz * n as f64 / f64::from(RATE)).sin()) as i16;
        (0..WINDOW).map(sample).collect()
    }

    #[test]
    fn a_tone_is_measured() {
        for hz in [440, 501, 1242, 2498, 3312] {
            let heard = Heard::in_samples(&sine(f64::from(hz), 8000.0));
            assert!(
                heard.is(hz) && heard.hz.unwrap().abs_diff(u32::from(hz)) <= 1,
                "{hz}: {heard:?}"
            );
            assert!(!heard.is(hz + hz / 50), "{hz}: {heard:?}");
        }
    }

    #[test]
    fn silence_has_no_tone_and_of_two_none_is_clear() {
        assert_eq!(Heard::in_samples(&[0; WINDOW]).hz, None);
        let one = sine(700.0, 8000.0);
        let both: Vec<i16> = one.iter().zip(sine(1100.0, 7000.0)).map(|(a, b)| a + b).collect();
        let heard = Heard::in_samples(&both);
        assert!(heard.hz.is_some() && !heard.is_clear, "{heard:?}");
    }
}
