//! Encoding for one listener, or for all that listen in the same codec.

use crate::{
    codec::{Coding, Encoder},
    sound::Resampler,
};

pub(super) struct Voice {
    coding: Coding,
    sample_rate: u32,
    encoder: Encoder,
    resampler: Option<Resampler>,
}

/// 20 ms at 48 kHz.
const MOST_SAMPLES: usize = 960;

impl Voice {
    /// Speaks `coding`, made of samples at `sample_rate`.
    pub(super) fn new(coding: Coding, sample_rate: u32) -> Option<Self> {
        let rate = coding.working_rate(sample_rate);
        Some(Voice {
            coding,
            sample_rate,
            encoder: Encoder::at(coding, rate)?,
            resampler: Resampler::between(sample_rate, rate),
        })
    }

    pub(super) fn speaks(&self, coding: Coding, sample_rate: u32) -> bool {
        (self.coding, self.sample_rate) == (coding, sample_rate)
    }

    /// Encodes 20 ms; answers the bytes written.
    pub(super) fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> Option<usize> {
        match &mut self.resampler {
            None => self.encoder.encode(samples, payload),
            Some(resampler) => {
                let rate = self.coding.working_rate(self.sample_rate) as usize;
                let converted = &mut [0; MOST_SAMPLES][..rate / 50];
                resampler.convert(samples, converted);
                self.encoder.encode(converted, payload)
            }
        }
    }
}
