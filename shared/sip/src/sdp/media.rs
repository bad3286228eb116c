//! One `m=` line with its section (RFC 8866 §5.14).

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Attribute, Codec, Format, Section};

/// One stream of a description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// What it carries.
    pub kind: MediaKind,
    /// Where it is received; 0 refuses or ends the stream.
    pub port: u16,
    /// Number of consecutive ports (`49170/2`), which nobody uses.
    pub port_count: Option<u16>,
    /// How it is carried.
    pub protocol: Protocol,
    /// Payload types or other words, as written, most wanted first.
    pub formats: Vec<SmolStr>,
    /// The lines below it.
    pub section: Section,
}

/// What a stream carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MediaKind {
    /// `audio`
    Audio,
    /// `video`
    Video,
    /// `application`
    Application,
    /// `image`: T.38 fax
    Image,
    /// Any other word.
    Other(SmolStr),
}

/// How a stream is carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// `RTP/AVP` (RFC 3551)
    RtpAvp,
    /// `RTP/AVPF` (RFC 4585)
    RtpAvpf,
    /// `RTP/SAVP` (RFC 3711)
    RtpSavp,
    /// `RTP/SAVPF` (RFC 5124)
    RtpSavpf,
    /// `UDP/TLS/RTP/SAVP` (RFC 5764)
    UdpTlsRtpSavp,
    /// `UDP/TLS/RTP/SAVPF` (RFC 5764)
    UdpTlsRtpSavpf,
    /// Any other word, for example `udptl`.
    Other(SmolStr),
}

impl Media {
    /// Reads what follows `m=`; None when it is no media line or its port is no port.
    pub(crate) fn parse(value: &str) -> Option<Media> {
        let mut words = value.split_ascii_whitespace();
        let (kind, port, protocol) = (words.next()?, words.next()?, words.next()?);
        let (port, port_count) = match port.split_once('/') {
            Some((port, count)) => (port, Some(count.parse().ok()?)),
            None => (port, None),
        };
        Some(Media {
            kind: MediaKind::parse(kind),
            port: port.parse().ok()?,
            port_count,
            protocol: Protocol::parse(protocol),
            formats: words.map(SmolStr::from).collect(),
            section: Section::default(),
        })
    }

    /// The same stream refused (RFC 3264 §6): port 0, and one format because the grammar wants one.
    #[must_use]
    pub fn refused(&self) -> Media {
        let format = self.formats.first().cloned();
        Media {
            kind: self.kind.clone(),
            port: 0,
            port_count: None,
            protocol: self.protocol.clone(),
            formats: vec![format.unwrap_or(SmolStr::new_static("0"))],
            section: Section::default(),
        }
    }

    /// The payload types that stand for something, each once, most wanted first.
    pub fn rtp_formats(&self) -> Vec<Format> {
        let mut formats: Vec<Format> = Vec::with_capacity(self.formats.len());
        for word in &self.formats {
            let Some(payload_type) = word.parse().ok().filter(|number| *number < 128) else {
                continue;
            };
            let repeated = formats.iter().any(|format| format.payload_type == payload_type);
            let codec = self.codec(payload_type).filter(|_| !repeated);
            formats.extend(codec.map(|codec| Format {
                payload_type,
                codec,
                fmtp: self.fmtp(word),
            }));
        }
        formats
    }

    fn codec(&self, wanted: u8) -> Option<Codec> {
        let mapped = self.section.attributes.iter().find_map(|attribute| {
            if let Attribute::RtpMap { payload_type, codec } = attribute {
                (*payload_type == wanted).then(|| codec.clone())
            } else {
                None
            }
        });
        mapped.or_else(|| Codec::of_static(wanted))
    }

    fn fmtp(&self, wanted: &str) -> Option<SmolStr> {
        self.section.attributes.iter().find_map(|attribute| {
            if let Attribute::Fmtp { format, parameters } = attribute {
                (format == wanted).then(|| parameters.clone())
            } else {
                None
            }
        })
    }
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m={} {}", self.kind.as_str(), self.port)?;
        if let Some(count) = self.port_count {
            write!(f, "/{count}")?;
        }
        write!(f, " {}", self.protocol.as_str())?;
        self.formats.iter().try_for_each(|format| write!(f, " {format}"))?;
        write!(f, "\r\n{}", self.section)
    }
}

impl MediaKind {
    /// The word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            MediaKind::Audio => "audio",
            MediaKind::Video => "video",
            MediaKind::Application => "application",
            MediaKind::Image => "image",
            MediaKind::Other(word) => word,
        }
    }

    pub(crate) fn parse(word: &str) -> MediaKind {
        let known = [
            MediaKind::Audio,
            MediaKind::Video,
            MediaKind::Application,
            MediaKind::Image,
        ];
        let found = known.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word));
        found.unwrap_or_else(|| MediaKind::Other(word.into()))
    }
}

impl Protocol {
    /// The word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Protocol::RtpAvp => "RTP/AVP",
            Protocol::RtpAvpf => "RTP/AVPF",
            Protocol::RtpSavp => "RTP/SAVP",
            Protocol::RtpSavpf => "RTP/SAVPF",
            Protocol::UdpTlsRtpSavp => "UDP/TLS/RTP/SAVP",
            Protocol::UdpTlsRtpSavpf => "UDP/TLS/RTP/SAVPF",
            Protocol::Other(word) => word,
        }
    }

    pub(crate) fn parse(word: &str) -> Protocol {
        let known = [
            Protocol::RtpAvp,
            Protocol::RtpAvpf,
            Protocol::RtpSavp,
            Protocol::RtpSavpf,
            Protocol::UdpTlsRtpSavp,
            Protocol::UdpTlsRtpSavpf,
        ];
        let found = known
            .into_iter()
            .find(|protocol| protocol.as_str().eq_ignore_ascii_case(word));
        found.unwrap_or_else(|| Protocol::Other(word.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(line: &str, attributes: &[&str]) -> Media {
        let mut media = Media::parse(line).unwrap();
        media.section.attributes = attributes.iter().map(|text| Attribute::parse(text)).collect();
        media
    }

    #[test]
    fn payload_types_are_named_by_rtpmap_or_by_number() {
        let media = media(
            "audio 5004 RTP/AVP 8 96 8 101 127 300 x",
            &[
                "rtpmap:96 opus/48000/2",
                "rtpmap:101 telephone-event/8000",
                "fmtp:101 0-16",
            ],
        );
        let formats = media.rtp_formats();
        let codecs: Vec<_> = formats.iter().map(|format| format.codec.to_string()).collect();
        assert_eq!(codecs, ["PCMA/8000", "opus/48000/2", "telephone-event/8000"]);
        assert_eq!(formats[2].fmtp.as_deref(), Some("0-16"));
    }

    #[test]
    fn a_port_must_be_a_port() {
        for line in [
            "audio -1 RTP/AVP 0",
            "audio 65536 RTP/AVP 0",
            "audio x RTP/AVP 0",
            "audio 5004",
            "",
        ] {
            assert_eq!(Media::parse(line), None, "{line}");
        }
        assert_eq!(media("audio 0 RTP/AVP 0", &[]).port, 0);
    }

    #[test]
    fn a_refused_fax_keeps_its_words() {
        let refused = media("image 4000 udptl t38", &["T38FaxVersion:0"]).refused();
        assert_eq!(refused.to_string(), "m=image 0 udptl t38\r\n");
    }
}
