//! Samples to RTP payloads.

use std::fmt;

use opus::{Application, Channels, Encoder as OpusEncoder};
use wigwag_sip::sdp::Codec;

use super::{Coding, g711, g722::G722Encoder};

/// Encodes one stream of samples, one channel.
pub struct Encoder(Kind);

enum Kind {
    Alaw,
    Ulaw,
    G722(Box<G722Encoder>),
    Opus(OpusEncoder),
}

/// 0 to 10: above 5 Opus costs twice as much for differences that a telephone does not let one hear.
const OPUS_COMPLEXITY: i32 = 5;

impl Encoder {
    /// An encoder for `codec` from its [sample rate](Codec::sample_rate), if it is one of PCMA, PCMU, G.722 and Opus.
    pub fn of(codec: &Codec) -> Option<Encoder> {
        let coding = Coding::of(codec)?;
        Encoder::at(coding, coding.widest_rate())
    }

    /// An encoder from the codec's own sample rate, or, for Opus, from `sample_rate`, one of 8000, 16 000 and 48 000.
    pub(crate) fn at(coding: Coding, sample_rate: u32) -> Option<Encoder> {
        Some(Encoder(match coding {
            Coding::Alaw => Kind::Alaw,
            Coding::Ulaw => Kind::Ulaw,
            Coding::G722 => Kind::G722(Box::default()),
            Coding::Opus => {
                let mut encoder = OpusEncoder::new(sample_rate, Channels::Mono, Application::Voip).ok()?;
                encoder.set_complexity(OPUS_COMPLEXITY).ok()?;
                Kind::Opus(encoder)
            }
        }))
    }

    /// Encodes one packet's samples into `payload`; answers the bytes written, or `None` where they do not fit or are
    /// not of a length that the codec knows (Opus: 10, 20, 40 or 60 ms).
    pub fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> Option<usize> {
        match &mut self.0 {
            Kind::Alaw => encode_bytes(samples, payload, g711::alaw_from_linear),
            Kind::Ulaw => encode_bytes(samples, payload, g711::ulaw_from_linear),
            Kind::G722(encoder) => {
                let bytes = samples.len() / 2;
                encoder.encode(samples, payload.get_mut(..bytes)?);
                Some(bytes)
            }
            Kind::Opus(encoder) => encoder.encode(samples, payload).ok(),
        }
    }
}

fn encode_bytes(samples: &[i16], payload: &mut [u8], byte: impl Fn(i16) -> u8) -> Option<usize> {
    let payload = payload.get_mut(..samples.len())?;
    payload.iter_mut().zip(samples).for_each(|(to, from)| *to = byte(*from));
    Some(samples.len())
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Alaw => "Encoder(PCMA)",
            Kind::Ulaw => "Encoder(PCMU)",
            Kind::G722(_) => "Encoder(G722)",
            Kind::Opus(_) => "Encoder(opus)",
        })
    }
}
