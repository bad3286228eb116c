//! Sound that somebody recorded, decoded once, for any number of listeners.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Samples of 16 bits, one channel, at 8000, 16 000 or 48 000 Hz.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sound {
    sample_rate: u32,
    samples: Vec<i16>,
}

/// Why samples are no [`Sound`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SoundError {
    /// The sample rate is none of the three, in hertz.
    #[error("sounds have a sample rate of 8000, 16000 or 48000 Hz, not {0}")]
    SampleRate(u32),
    /// There is nothing to hear.
    #[error("the sound is empty")]
    Empty,
    /// It lasts longer than [`Sound::LONGEST`].
    #[error("the sound lasts longer than half an hour")]
    TooLong,
}

impl Sound {
    /// The longest sound.
    pub const LONGEST: Duration = Duration::from_secs(30 * 60);

    /// A sound of these samples.
    pub fn new(sample_rate: u32, samples: Vec<i16>) -> Result<Sound, SoundError> {
        if !matches!(sample_rate, 8_000 | 16_000 | 48_000) {
            return Err(SoundError::SampleRate(sample_rate));
        }
        if samples.is_empty() {
            return Err(SoundError::Empty);
        }
        if samples.len() as u64 > Self::LONGEST.as_secs() * u64::from(sample_rate) {
            return Err(SoundError::TooLong);
        }
        Ok(Sound { sample_rate, samples })
    }

    /// Samples per second.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// The samples.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// How long it lasts.
    pub fn length(&self) -> Duration {
        Duration::from_millis(u64::from(self.length_ms()))
    }

    /// Whole milliseconds; a last one that has begun counts.
    pub(super) fn length_ms(&self) -> u32 {
        let samples_per_ms = self.sample_rate as usize / 1000;
        u32::try_from(self.samples.len().div_ceil(samples_per_ms)).expect("no sound is longer than half an hour")
    }

    /// The samples of a piece, fewer where the sound ends.
    pub(super) fn piece(&self, from_ms: u32, ms: u32) -> &[i16] {
        let samples_per_ms = self.sample_rate as usize / 1000;
        let from = (from_ms as usize * samples_per_ms).min(self.samples.len());
        let to = (from + ms as usize * samples_per_ms).min(self.samples.len());
        &self.samples[from..to]
    }
}

impl fmt::Debug for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sound({} ms at {} Hz)", self.length_ms(), self.sample_rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_has_a_length_and_pieces() {
        let sound = Sound::new(8_000, (0..20).collect()).expect("a short sound");
        assert_eq!(sound.length(), Duration::from_millis(3));
        assert_eq!(sound.piece(1, 1), [8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(sound.piece(2, 20), [16, 17, 18, 19]);
        assert!(sound.piece(u32::MAX, 20).is_empty());
        assert_eq!(format!("{sound:?}"), "Sound(3 ms at 8000 Hz)");
    }

    #[test]
    fn what_is_no_sound_is_refused() {
        assert_eq!(Sound::new(44_100, vec![1]), Err(SoundError::SampleRate(44_100)));
        assert_eq!(Sound::new(8_000, vec![]), Err(SoundError::Empty));
        let half_an_hour = 30 * 60 * 8_000;
        assert_eq!(Sound::new(8_000, vec![0; half_an_hour + 1]), Err(SoundError::TooLong));
        assert!(Sound::new(8_000, vec![0; half_an_hour]).is_ok());
    }
}
