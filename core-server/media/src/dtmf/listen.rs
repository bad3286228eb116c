//! Keys in the sound of a phone that agreed no telephone events: each packet is decoded for this alone.

use serde::{Deserialize, Serialize};

use super::{KeyPress, ToneDetector};
use crate::{
    codec::{Coding, Decoder},
    sound::Resampler,
};

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ToneListener {
    detector: ToneDetector,
    /// Not part of the state: another process begins anew, in the middle of a key at worst.
    #[serde(skip)]
    decoding: Option<Decoding>,
}

#[derive(Debug)]
struct Decoding {
    coding: Coding,
    decoder: Decoder,
    resampler: Option<Resampler>,
    samples: Vec<i16>,
    narrow: Vec<i16>,
}

const RATE: u32 = 8_000;

/// Of the longest packet: 120 ms at 48 kHz.
const MOST_SAMPLES: usize = 5760;

impl ToneListener {
    /// Listens to a packet.
    pub(crate) fn hear(&mut self, coding: Coding, payload: &[u8], tell: impl FnMut(KeyPress)) {
        if self.decoding.as_ref().is_none_or(|known| known.coding != coding) {
            self.decoding = Decoding::new(coding);
        }
        let Some(decoding) = &mut self.decoding else {
            return;
        };
        let Decoding {
            decoder,
            resampler,
            samples,
            narrow,
            ..
        } = decoding;
        samples.clear();
        if decoder.decode(payload, samples).is_none() {
            return;
        }
        samples.truncate(MOST_SAMPLES / 2);
        match resampler {
            None => self.detector.hear(samples, tell),
            Some(resampler) => {
                narrow.clear();
                narrow.resize(samples.len() / 2, 0);
                resampler.convert(samples, narrow);
                self.detector.hear(narrow, tell);
            }
        }
    }
}

impl Decoding {
    fn new(coding: Coding) -> Option<Self> {
        let rate = coding.working_rate(RATE);
        Some(Decoding {
            coding,
            decoder: Decoder::at(coding, rate)?,
            resampler: Resampler::between(rate, RATE),
            samples: Vec::with_capacity(MOST_SAMPLES),
            narrow: Vec::with_capacity(MOST_SAMPLES),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        codec::Encoder,
        event::DtmfDigit,
        sound::{Tone, synthesise},
    };

    #[test]
    fn keys_are_heard_through_every_codec() {
        for coding in [Coding::Alaw, Coding::Ulaw, Coding::G722, Coding::Opus] {
            let rate = coding.widest_rate();
            let mut encoder = Encoder::at(coding, rate).expect("a codec of ours");
            let (mut listener, mut heard) = (ToneListener::default(), String::new());
            for symbol in "159*0#D".chars() {
                let digit = DtmfDigit::from_char(symbol).expect("a key");
                let mut samples = vec![0; rate as usize / 5];
                synthesise(Tone::Key(digit), 0, rate, &mut samples[..rate as usize / 10]);
                for frame in samples.chunks(rate as usize / 50) {
                    let mut payload = [0; 1_500];
                    let bytes = encoder.encode(frame, &mut payload).expect("room");
                    listener.hear(coding, &payload[..bytes], |press| heard.push(press.digit.as_char()));
                }
            }
            assert_eq!(heard, "159*0#D", "{coding:?}");
        }
    }
}
