//! Samples to RTP payloads.

use std::fmt;

use ezk_g722::libg722::{Bitrate, encoder::Encoder as G722Encoder};
use opus::{Application, Channels, Encoder as OpusEncoder};
use wigwag_sip::sdp::Codec;

use super::g711;

/// Encodes one stream of samples at the codec's [sample rate](Codec::sample_rate), one channel.
pub struct Encoder(Kind);

enum Kind {
    Alaw,
    Ulaw,
    G722(Box<G722Encoder>),
    Opus(OpusEncoder),
}

impl Encoder {
    /// Whether there is an encoder for `codec`.
    pub fn knows(codec: &Codec) -> bool {
        [Codec::PCMA, Codec::PCMU, Codec::G722, Codec::OPUS].contains(codec)
    }

    /// An encoder for `codec`, if it is one of PCMA, PCMU, G.722 and Opus.
    pub fn of(codec: &Codec) -> Option<Encoder> {
        let kind = if *codec == Codec::PCMA {
            Kind::Alaw
        } else if *codec == Codec::PCMU {
            Kind::Ulaw
        } else if *codec == Codec::G722 {
            Kind::G722(Box::new(G722Encoder::new(Bitrate::Mode1_64000, false, false)))
        } else if *codec == Codec::OPUS {
            Kind::Opus(OpusEncoder::new(codec.clock_rate, Channels::Mono, Application::Voip).ok()?)
        } else {
            return None;
        };
        Some(Encoder(kind))
    }

    /// Encodes one packet's samples into `payload`; answers the bytes written, or `None` where they do not fit or are
    /// not of a length that the codec knows (Opus: 10, 20, 40 or 60 ms).
    pub fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> Option<usize> {
        match &mut self.0 {
            Kind::Alaw => encode_bytes(samples, payload, g711::alaw_from_linear),
            Kind::Ulaw => encode_bytes(samples, payload, g711::ulaw_from_linear),
            Kind::G722(encoder) => {
                let bytes = encoder.encode(samples);
                payload.get_mut(..bytes.len())?.copy_from_slice(&bytes);
                Some(bytes.len())
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
