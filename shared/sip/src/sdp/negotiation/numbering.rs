//! Payload types of one leg: once a number stands for a codec, it does so to the end (RFC 3264 §8.3.2).

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::sdp::{Capabilities, Format, capabilities::DYNAMIC};

/// Every payload type that the leg has ever agreed on or offered, the last agreed first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Numbering(Vec<Format>);

impl Numbering {
    /// Takes over the numbers of the remote side's offer, which rule.
    pub(super) fn learn(&mut self, capabilities: &Capabilities) {
        for format in capabilities.formats() {
            self.0.retain(|known| known.payload_type != format.payload_type);
            self.0.insert(0, format.clone());
        }
    }

    /// The same capabilities in this leg's numbers; twins and what no number is left for fall out.
    pub(super) fn number(&mut self, capabilities: &Capabilities) -> Capabilities {
        Capabilities {
            codecs: self.number_all(&capabilities.codecs),
            telephone_events: self.number_all(&capabilities.telephone_events),
            comfort_noise: self.number_all(&capabilities.comfort_noise),
            ..*capabilities
        }
    }

    fn number_all(&mut self, formats: &[Format]) -> Vec<Format> {
        let mut numbered: Vec<Format> = Vec::with_capacity(formats.len());
        for format in formats {
            let is_twin = numbered.iter().any(|other| other.carries_the_same(format));
            if let Some(payload_type) = self.number_of(format).filter(|_| !is_twin) {
                let format = Format {
                    payload_type,
                    ..format.clone()
                };
                if self.is_free(payload_type) {
                    self.0.push(format.clone());
                }
                numbered.push(format);
            }
        }
        numbered
    }

    /// The number the codec has already, else its own, else the one the other leg gives it, else any.
    fn number_of(&self, format: &Format) -> Option<u8> {
        if let Some(known) = self.0.iter().find(|known| known.carries_the_same(format)) {
            return Some(known.payload_type);
        }
        let wanted = Some(format.payload_type).filter(|number| DYNAMIC.contains(number));
        let mut candidates = format
            .codec
            .static_payload_type()
            .into_iter()
            .chain(wanted)
            .chain(DYNAMIC)
            .chain(SPARE);
        candidates.find(|number| self.is_free(*number))
    }

    fn is_free(&self, number: u8) -> bool {
        self.0.iter().all(|known| known.payload_type != number)
    }
}

/// Unassigned, and no RTCP packet type when multiplexed (RFC 5761 §4).
const SPARE: RangeInclusive<u8> = 35..=63;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::Codec;

    fn numbers(numbering: &mut Numbering, formats: &[(u8, Codec)]) -> Vec<u8> {
        let formats = formats
            .iter()
            .map(|(number, codec)| Format::new(*number, codec.clone()));
        let numbered = numbering.number(&Capabilities::of_formats(formats));
        numbered.formats().map(|format| format.payload_type).collect()
    }

    #[test]
    fn numbers_are_kept_where_possible_and_never_reused() {
        let mut numbering = Numbering::default();
        let speex = Codec::parse("speex/16000").unwrap();
        assert_eq!(
            numbers(&mut numbering, &[(111, Codec::OPUS), (8, Codec::PCMA)]),
            [111, 8]
        );
        assert_eq!(numbers(&mut numbering, &[(111, speex), (96, Codec::OPUS)]), [96, 111]);
    }

    #[test]
    fn a_static_codec_on_a_dynamic_number_gets_its_own() {
        assert_eq!(
            numbers(&mut Numbering::default(), &[(97, Codec::PCMA), (8, Codec::PCMU)]),
            [8, 0]
        );
    }

    #[test]
    fn the_same_codec_twice_is_offered_once() {
        assert_eq!(
            numbers(&mut Numbering::default(), &[(96, Codec::OPUS), (97, Codec::OPUS)]),
            [96]
        );
    }

    #[test]
    fn numbers_run_out_without_harm() {
        let many: Vec<_> = (0..100)
            .map(|n| (96, Codec::parse(&format!("x{n}/8000")).unwrap()))
            .collect();
        assert_eq!(numbers(&mut Numbering::default(), &many).len(), 32 + 29);
    }
}
