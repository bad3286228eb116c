//! Encodings by name, and the payload types that RFC 3551 §6 gave them once and for all.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// An encoding as `a=rtpmap` names it; equal when name (in any case), clock rate and channels are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Codec {
    /// For example `PCMA`, as the device writes it.
    pub name: SmolStr,
    /// Ticks of the RTP timestamp per second.
    pub clock_rate: u32,
    /// Audio channels.
    pub channels: u8,
}

impl Codec {
    /// G.711 A-law.
    pub const PCMA: Codec = Codec::mono("PCMA", 8000);
    /// G.711 µ-law.
    pub const PCMU: Codec = Codec::mono("PCMU", 8000);
    /// G.722, whose clock says 8000 by an old mistake although it samples at 16 000 Hz (RFC 3551 §4.5.2).
    pub const G722: Codec = Codec::mono("G722", 8000);
    /// Opus, always written as 48 000 Hz and two channels (RFC 7587 §7).
    pub const OPUS: Codec = Codec {
        name: SmolStr::new_static("opus"),
        clock_rate: 48_000,
        channels: 2,
    };

    /// Key presses as events (RFC 4733), on the clock of the audio they accompany.
    pub const fn telephone_event(clock_rate: u32) -> Codec {
        Codec::mono("telephone-event", clock_rate)
    }

    /// Comfort noise (RFC 3389), on the clock of the audio it replaces.
    pub const fn comfort_noise(clock_rate: u32) -> Codec {
        Codec::mono("CN", clock_rate)
    }

    const fn mono(name: &'static str, clock_rate: u32) -> Codec {
        Codec {
            name: SmolStr::new_static(name),
            clock_rate,
            channels: 1,
        }
    }

    /// Whether this is the encoding with that name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Samples per second, which is the clock rate except for G.722.
    pub fn sample_rate(&self) -> u32 {
        if *self == Codec::G722 { 16_000 } else { self.clock_rate }
    }

    /// The codec of a payload type that needs no `a=rtpmap`.
    pub fn of_static(payload_type: u8) -> Option<Codec> {
        STATIC
            .iter()
            .find(|(number, _)| *number == payload_type)
            .map(|(_, codec)| codec.clone())
    }

    /// The payload type that this codec has without `a=rtpmap`.
    pub fn static_payload_type(&self) -> Option<u8> {
        STATIC
            .iter()
            .find(|(_, codec)| codec == self)
            .map(|(number, _)| *number)
    }

    /// Reads `PCMA/8000` or `opus/48000/2`.
    pub(crate) fn parse(text: &str) -> Option<Codec> {
        let mut parts = text.split('/');
        let name = parts.next().filter(|name| is_token(name))?;
        let clock_rate = parts.next()?.parse().ok().filter(|rate| *rate > 0)?;
        let channels = match parts.next() {
            None | Some("") => 1,
            Some(channels) => channels.parse().ok().filter(|count| *count > 0)?,
        };
        let sloppy_opus = name.eq_ignore_ascii_case("opus") && clock_rate == 48_000;
        parts.next().is_none().then(|| Codec {
            name: name.into(),
            clock_rate,
            channels: if sloppy_opus { 2 } else { channels },
        })
    }
}

impl PartialEq for Codec {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.name) && self.clock_rate == other.clock_rate && self.channels == other.channels
    }
}

impl Eq for Codec {}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.clock_rate)?;
        match self.channels {
            1 => Ok(()),
            channels => write!(f, "/{channels}"),
        }
    }
}

/// RFC 3551 table 4, audio; 2 is the G.726 of older devices (RFC 1890).
const STATIC: [(u8, Codec); 18] = [
    (0, Codec::PCMU),
    (2, Codec::mono("G726-32", 8000)),
    (3, Codec::mono("GSM", 8000)),
    (4, Codec::mono("G723", 8000)),
    (5, Codec::mono("DVI4", 8000)),
    (6, Codec::mono("DVI4", 16_000)),
    (7, Codec::mono("LPC", 8000)),
    (8, Codec::PCMA),
    (9, Codec::G722),
    (
        10,
        Codec {
            name: SmolStr::new_static("L16"),
            clock_rate: 44_100,
            channels: 2,
        },
    ),
    (11, Codec::mono("L16", 44_100)),
    (12, Codec::mono("QCELP", 8000)),
    (13, Codec::comfort_noise(8000)),
    (14, Codec::mono("MPA", 90_000)),
    (15, Codec::mono("G728", 8000)),
    (16, Codec::mono("DVI4", 11_025)),
    (17, Codec::mono("DVI4", 22_050)),
    (18, Codec::mono("G729", 8000)),
];

/// Longest encoding name that is taken for one.
const MAX_NAME_BYTES: usize = 64;

/// RFC 8866 §9 `token`, less than the whole set: no encoding name uses more.
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+!#$%&'*^`{|}~".contains(&byte);
    !text.is_empty() && text.len() <= MAX_NAME_BYTES && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_equal_in_any_case_and_channels_default_to_one() {
        assert_eq!(Codec::parse("pcma/8000/1"), Some(Codec::PCMA));
        assert_eq!(Codec::parse("OPUS/48000/2"), Some(Codec::OPUS));
        assert_eq!(Codec::parse("opus/48000"), Some(Codec::OPUS));
        assert_ne!(Codec::parse("L16/44100/2"), Codec::of_static(11));
        assert_eq!(Codec::parse("L16/44100/2"), Codec::of_static(10));
    }

    #[test]
    fn nonsense_is_no_codec() {
        for text in [
            "",
            "PCMA",
            "PCMA/0",
            "PCMA/x",
            "PCMA/8000/0",
            "PCMA/8000/1/1",
            "a b/8000",
            "PCMA/-1",
        ] {
            assert_eq!(Codec::parse(text), None, "{text}");
        }
    }

    #[test]
    fn g722_samples_twice_as_fast_as_its_clock_says() {
        assert_eq!((Codec::G722.clock_rate, Codec::G722.sample_rate()), (8000, 16_000));
        assert_eq!(Codec::G722.static_payload_type(), Some(9));
    }
}
