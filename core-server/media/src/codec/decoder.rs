//! RTP payloads to samples.

use std::fmt;

use opus::{Channels, Decoder as OpusDecoder};
use wigwag_sip::sdp::Codec;

use super::{Coding, g711, g722::G722Decoder};

/// Decodes one stream into samples, one channel.
pub struct Decoder(Kind);

enum Kind {
    Alaw,
    Ulaw,
    G722(Box<G722Decoder>),
    Opus { decoder: OpusDecoder, sample_rate: u32 },
}

/// The longest Opus packet.
const OPUS_MS: usize = 120;

impl Decoder {
    /// A decoder for `codec` to its [sample rate](Codec::sample_rate), if it is one of PCMA, PCMU, G.722 and Opus.
    pub fn of(codec: &Codec) -> Option<Decoder> {
        let coding = Coding::of(codec)?;
        Decoder::at(coding, coding.widest_rate())
    }

    /// A decoder to the codec's own sample rate, or, for Opus, to `sample_rate`, one of 8000, 16 000 and 48 000.
    pub(crate) fn at(coding: Coding, sample_rate: u32) -> Option<Decoder> {
        Some(Decoder(match coding {
            Coding::Alaw => Kind::Alaw,
            Coding::Ulaw => Kind::Ulaw,
            Coding::G722 => Kind::G722(Box::default()),
            Coding::Opus => Kind::Opus {
                decoder: OpusDecoder::new(sample_rate, Channels::Mono).ok()?,
                sample_rate,
            },
        }))
    }

    /// Appends the samples of one packet; `None` if it is broken.
    pub fn decode(&mut self, payload: &[u8], samples: &mut Vec<i16>) -> Option<()> {
        match &mut self.0 {
            Kind::Alaw => samples.extend(payload.iter().map(|byte| g711::linear_from_alaw(*byte))),
            Kind::Ulaw => samples.extend(payload.iter().map(|byte| g711::linear_from_ulaw(*byte))),
            Kind::G722(decoder) => {
                let before = samples.len();
                samples.resize(before + 2 * payload.len(), 0);
                decoder.decode(payload, &mut samples[before..]);
            }
            // Nothing at all would be taken for a lost packet.
            Kind::Opus { .. } if payload.is_empty() => return None,
            Kind::Opus { decoder, sample_rate } => {
                let room = OPUS_MS * *sample_rate as usize / 1000;
                append_opus(decoder, payload, room, false, samples)?;
            }
        }
        Some(())
    }

    /// Appends `count` samples in place of a lost packet, as far as the codec itself can make them up: from `next`,
    /// the packet that follows it, or from what came before.
    pub(crate) fn make_up(&mut self, next: Option<&[u8]>, count: usize, samples: &mut Vec<i16>) -> Option<()> {
        match &mut self.0 {
            Kind::Alaw | Kind::Ulaw | Kind::G722(_) => None,
            Kind::Opus { decoder, .. } => append_opus(decoder, next.unwrap_or(&[]), count, next.is_some(), samples),
        }
    }
}

fn append_opus(
    decoder: &mut OpusDecoder,
    payload: &[u8],
    room: usize,
    from_next: bool,
    samples: &mut Vec<i16>,
) -> Option<()> {
    let before = samples.len();
    samples.resize(before + room, 0);
    let count = decoder.decode(payload, &mut samples[before..], from_next).ok();
    samples.truncate(before + count.unwrap_or(0));
    count.map(drop)
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Alaw => "Decoder(PCMA)",
            Kind::Ulaw => "Decoder(PCMU)",
            Kind::G722(_) => "Decoder(G722)",
            Kind::Opus { .. } => "Decoder(opus)",
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

    #[test]
    fn broken_packets_are_refused_and_lost_ones_made_up() {
        for rate in [8_000, 16_000, 48_000] {
            let mut decoder = Decoder::at(Coding::Opus, rate).expect("a rate that Opus knows");
            let mut heard = Vec::new();
            assert_eq!(decoder.decode(&[], &mut heard), None);
            assert_eq!(decoder.decode(&[0xff; 3], &mut heard), None);
            let frame = rate as usize / 50;
            assert_eq!(decoder.make_up(None, frame, &mut heard), Some(()));
            assert_eq!(heard.len(), frame);
        }
        let mut decoder = Decoder::of(&Codec::PCMA).expect("a codec of ours");
        assert_eq!(decoder.make_up(None, 160, &mut Vec::new()), None);
    }
}
