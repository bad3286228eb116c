//! Telephone levels: 0 dBm0 lies 3.14 dB below the loudest sine that A-law can carry (ITU-T G.711 table 5).

use std::f64::consts::TAU;

#[expect(clippy::approx_constant, reason = "decibels, not half a circle")]
pub(crate) const FULL_SCALE_DBM0: f64 = 3.14;

/// The peak of a sine of that level, in 16-bit samples.
pub(crate) fn amplitude(level_dbm0: i8) -> f64 {
    let peak = f64::from(i16::MAX) * 10f64.powf((f64::from(level_dbm0) - FULL_SCALE_DBM0) / 20.0);
    peak.min(f64::from(i16::MAX))
}

/// The level of one frequency in a piece of sound, in dBm0 (Goertzel's algorithm); −100 where there is none.
pub fn measure_dbm0(samples: &[i16], sample_rate: u32, hz: u32) -> f64 {
    let step = TAU * f64::from(hz) / f64::from(sample_rate);
    let (mut before, mut last) = (0.0, 0.0);
    for sample in samples {
        let next = f64::from(*sample) + 2.0 * step.cos() * last - before;
        (before, last) = (last, next);
    }
    let power = last * last + before * before - 2.0 * step.cos() * last * before;
    let peak = 2.0 * power.max(0.0).sqrt() / samples.len().max(1) as f64;
    (20.0 * (peak / f64::from(i16::MAX)).log10() + FULL_SCALE_DBM0).max(-100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_at_a_level_is_measured_at_it() {
        for level in [3, 0, -13, -30] {
            let peak = amplitude(level);
            let sine = |n: i32| (peak * (TAU * f64::from(n) * 400.0 / 8000.0).sin()) as i16;
            let samples: Vec<i16> = (0..8000).map(sine).collect();
            assert!((measure_dbm0(&samples, 8000, 400) - f64::from(level)).abs() < 0.2);
            assert!(measure_dbm0(&samples, 8000, 450) < -50.0);
        }
        assert_eq!(measure_dbm0(&[0; 800], 8000, 400), -100.0);
        assert_eq!(measure_dbm0(&[], 8000, 400), -100.0);
        assert_eq!(amplitude(i8::MAX), f64::from(i16::MAX));
    }
}
