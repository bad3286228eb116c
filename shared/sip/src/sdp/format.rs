//! A payload type with what it stands for: `m=`, `a=rtpmap` and `a=fmtp` in one value.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::Codec;

/// One way of filling RTP packets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// 0 to 127, as seen in the packets of the leg it belongs to.
    pub payload_type: u8,
    /// The encoding.
    pub codec: Codec,
    /// What the side that says it wants to receive (`a=fmtp`), without the payload type.
    pub fmtp: Option<SmolStr>,
}

impl Format {
    /// A format without parameters.
    pub const fn new(payload_type: u8, codec: Codec) -> Self {
        Format {
            payload_type,
            codec,
            fmtp: None,
        }
    }

    /// Whether packets of one can be sent on as the other, undecoded: same codec, and same parameters where those
    /// change the bits on the wire.
    pub fn carries_the_same(&self, other: &Format) -> bool {
        let decisive = decisive_parameters(&self.codec);
        self.codec == other.codec
            && decisive.iter().all(|(name, default)| {
                let (ours, theirs) = (self.parameter(name), other.parameter(name));
                ours.unwrap_or(default).eq_ignore_ascii_case(theirs.unwrap_or(default))
            })
    }

    /// One of the `name=value` parameters.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let parameters = self.fmtp.as_deref()?.split(';');
        parameters
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    pub(crate) fn role(&self) -> Role {
        if self.codec.is("telephone-event") {
            Role::Events
        } else if self.codec.is("CN") {
            Role::ComfortNoise
        } else if NOT_RELAYED.iter().any(|name| self.codec.is(name)) {
            Role::NotRelayed
        } else {
            Role::Audio
        }
    }
}

/// What a format is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Audio,
    Events,
    ComfortNoise,
    NotRelayed,
}

/// Formats whose packets name payload types or sequence numbers of other packets, so that renumbering breaks them.
const NOT_RELAYED: [&str; 7] = [
    "red",
    "rtx",
    "ulpfec",
    "flexfec-03",
    "parityfec",
    "1d-interleaved-parityfec",
    "tone",
];

/// The parameters that both sides must agree on, with their defaults.
fn decisive_parameters(codec: &Codec) -> &'static [(&'static str, &'static str)] {
    const TABLE: [(&str, &[(&str, &str)]); 4] = [
        ("iLBC", &[("mode", "30")]),
        ("G7221", &[("bitrate", "")]),
        (
            "AMR",
            &[
                ("octet-align", "0"),
                ("crc", "0"),
                ("robust-sorting", "0"),
                ("interleaving", ""),
            ],
        ),
        (
            "AMR-WB",
            &[
                ("octet-align", "0"),
                ("crc", "0"),
                ("robust-sorting", "0"),
                ("interleaving", ""),
            ],
        ),
    ];
    TABLE
        .iter()
        .find(|(name, _)| codec.is(name))
        .map_or(&[], |(_, parameters)| parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(codec: &str, fmtp: &str) -> Format {
        Format {
            payload_type: 96,
            codec: Codec::parse(codec).unwrap(),
            fmtp: Some(fmtp.into()),
        }
    }

    #[test]
    fn only_parameters_that_change_the_bits_matter() {
        let same = |codec, a, b| format(codec, a).carries_the_same(&format(codec, b));
        assert!(same(
            "opus/48000/2",
            "useinbandfec=1",
            "stereo=1; maxaveragebitrate=20000"
        ));
        assert!(same("iLBC/8000", "mode=30", ""));
        assert!(!same("iLBC/8000", "mode=20", ""));
        assert!(!same("AMR-WB/16000", "mode-set=0,1,2; octet-align=1", "mode-set=0,1,2"));
        assert!(!same("G7221/16000", "bitrate=24000", "bitrate=32000"));
        assert!(same("G729/8000", "annexb=no", "annexb=yes"));
    }
}
