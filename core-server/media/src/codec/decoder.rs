//! RTP payloads to samples, for tests that listen.

use std::fmt;

use ezk_g722::libg722::{Bitrate, decoder::Decoder as G722Decoder};
use opus::{Channels, Decoder as OpusDecoder};
use wigwag_sip::sdp::Codec;

use super::g711;

/// Decodes one stream into samples at the codec's [sample rate](Codec::sample_rate), one channel.
pub struct Decoder(Kind);

enum Kind {
    Alaw,
    Ulaw,
    G722(Box<G722Decoder>),
    Opus(OpusDecoder),
}

/// Samples of the longest Opus packet: 120 ms.
const OPUS_SAMPLES: usize = 5760;

impl Decoder {
    /// A decoder for `codec`, if it is one of PCMA, PCMU, G.722 and Opus.
    pub fn of(codec: &Codec) -> Option<Decoder> {
        let kind = if *codec == Codec::PCMA {
            Kind::Alaw
        } else if *codec == Codec::PCMU {
            Kind::Ulaw
        } else if *codec == Codec::G722 {
            Kind::G722(Box::new(G722Decoder::new(Bitrate::Mode1_64000, false, false)))
        } else if *codec == Codec::OPUS {
            Kind::Opus(OpusDecoder::new(codec.clock_rate, Channels::Mono).ok()?)
        } else {
            return None;
        };
        Some(Decoder(kind))
    }

    /// Appends the samples of one packet; `None` if it is broken.
    pub fn decode(&mut self, payload: &[u8], samples: &mut Vec<i16>) -> Option<()> {
        match &mut self.0 {
            Kind::Alaw => samples.extend(payload.iter().map(|byte| g711::linear_from_alaw(*byte))),
            Kind::Ulaw => samples.extend(payload.iter().map(|byte| g711::linear_from_ulaw(*byte))),
            Kind::G722(decoder) => samples.extend(decoder.decode(payload)),
            Kind::Opus(decoder) => {
                let before = samples.len();
                samples.resize(before + OPUS_SAMPLES, 0);
                let count = decoder.decode(payload, &mut samples[before..], false).ok();
                samples.truncate(before + count.unwrap_or(0));
                count?;
            }
        }
        Some(())
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Alaw => "Decoder(PCMA)",
            Kind::Ulaw => "Decoder(PCMU)",
            Kind::G722(_) => "Decoder(G722)",
            Kind::Opus(_) => "Decoder(opus)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        codec::Encoder,
        sound::{FULL_SCALE_DBM0, measure_dbm0},
    };

    #[test]
    fn a_tone_survives_every_codec() {
        for codec in [Codec::PCMA, Codec::PCMU, Codec::G722, Codec::OPUS] {
            let rate = codec.sample_rate();
            let mut encoder = Encoder::of(&codec).expect("a codec of ours");
            let mut decoder = Decoder::of(&codec).expect("a codec of ours");
            let (mut heard, mut payload) = (Vec::new(), [0; 1500]);
            let amplitude = 5000.0;
            let sine = |n: u32| (f64::from(n * 1000) / f64::from(rate) * std::f64::consts::TAU).sin() * amplitude;
            for frame in 0..50 {
                let samples: Vec<i16> = (0..rate / 50).map(|n| sine(frame * (rate / 50) + n) as i16).collect();
                let bytes = encoder.encode(&samples, &mut payload).expect("room for 20 ms");
                decoder.decode(&payload[..bytes], &mut heard).expect("our own packet");
            }
            assert_eq!(heard.len(), rate as usize);
            let steady = &heard[heard.len() / 2..];
            let expected = 20.0 * (amplitude / 32_767.0f64).log10() + FULL_SCALE_DBM0;
            let level = measure_dbm0(steady, rate, 1000);
            assert!(
                (level - expected).abs() < 1.0,
                "{codec:?}: {level} instead of {expected}"
            );
            assert!(measure_dbm0(steady, rate, 1500) < expected - 25.0, "{codec:?}");
        }
    }
}
