//! `a=` lines (RFC 8866 §6): those we act on are typed, all others are kept as written.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::{Pii, Secret};

use super::{Address, Codec, Crypto, Direction};

/// One attribute. A known name with a value that makes no sense becomes [`Attribute::Other`], as if unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attribute {
    /// `a=rtpmap:8 PCMA/8000`
    RtpMap {
        /// 0 to 127.
        payload_type: u8,
        /// What it stands for.
        codec: Codec,
    },
    /// `a=fmtp:101 0-16`
    Fmtp {
        /// A payload type, or a word for other transports.
        format: SmolStr,
        /// Everything after it.
        parameters: SmolStr,
    },
    /// `a=ptime:20`, milliseconds of audio per packet that the side wants to receive.
    Ptime(u32),
    /// `a=maxptime:60`, milliseconds of audio per packet at most.
    MaxPtime(u32),
    /// `a=sendrecv` and its kin.
    Direction(Direction),
    /// `a=rtcp:53020 IN IP4 192.0.2.1` (RFC 3605)
    Rtcp {
        /// Where RTCP goes when it is not the next port.
        port: u16,
        /// Where RTCP goes when it is not the same host.
        address: Option<Address>,
    },
    /// `a=rtcp-mux`: RTCP on the RTP port (RFC 5761).
    RtcpMux,
    /// `a=crypto` (RFC 4568)
    Crypto(Crypto),
    /// `a=ice-ufrag` (RFC 8839)
    IceUfrag(SmolStr),
    /// `a=ice-pwd` (RFC 8839)
    IcePwd(Secret<SmolStr>),
    /// Anything else, `a=name` or `a=name:value`.
    Other {
        /// As written.
        name: SmolStr,
        /// As written, which may be anything: a name, a number, a key of an unknown kind. None when there is no colon.
        value: Option<Pii<SmolStr>>,
    },
}

impl Attribute {
    /// Reads what follows `a=`.
    pub(crate) fn parse(text: &str) -> Attribute {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        Attribute::known(name, value).unwrap_or_else(|| Attribute::Other {
            name: name.into(),
            value: value.map(|value| Pii::new(value.into())),
        })
    }

    fn known(name: &str, value: Option<&str>) -> Option<Attribute> {
        match (name.to_ascii_lowercase().as_str(), value.map(str::trim)) {
            ("rtpmap", Some(value)) => parse_rtpmap(value),
            ("fmtp", Some(value)) => {
                let (format, parameters) = value.split_once(char::is_whitespace)?;
                Some(Attribute::Fmtp {
                    format: format.into(),
                    parameters: parameters.trim().into(),
                })
            }
            ("ptime", Some(value)) => parse_millis(value).map(Attribute::Ptime),
            ("maxptime", Some(value)) => parse_millis(value).map(Attribute::MaxPtime),
            ("sendrecv", None) => Some(Attribute::Direction(Direction::SendRecv)),
            ("sendonly", None) => Some(Attribute::Direction(Direction::SendOnly)),
            ("recvonly", None) => Some(Attribute::Direction(Direction::RecvOnly)),
            ("inactive", None) => Some(Attribute::Direction(Direction::Inactive)),
            ("rtcp", Some(value)) => parse_rtcp(value),
            ("rtcp-mux", None) => Some(Attribute::RtcpMux),
            ("crypto", Some(value)) => Crypto::parse(value).map(Attribute::Crypto),
            ("ice-ufrag", Some(value)) => Some(Attribute::IceUfrag(value.into())),
            ("ice-pwd", Some(value)) => Some(Attribute::IcePwd(Secret::new(value.into()))),
            _ => None,
        }
    }
}

impl fmt::Display for Attribute {
    /// Prints what follows `a=`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Attribute::RtpMap { payload_type, codec } => write!(f, "rtpmap:{payload_type} {codec}"),
            Attribute::Fmtp { format, parameters } => write!(f, "fmtp:{format} {parameters}"),
            Attribute::Ptime(millis) => write!(f, "ptime:{millis}"),
            Attribute::MaxPtime(millis) => write!(f, "maxptime:{millis}"),
            Attribute::Direction(direction) => f.write_str(direction.as_str()),
            Attribute::Rtcp { port, address: None } => write!(f, "rtcp:{port}"),
            Attribute::Rtcp {
                port,
                address: Some(address),
            } => write!(f, "rtcp:{port} {address}"),
            Attribute::RtcpMux => f.write_str("rtcp-mux"),
            Attribute::Crypto(crypto) => write!(f, "crypto:{crypto}"),
            Attribute::IceUfrag(ufrag) => write!(f, "ice-ufrag:{ufrag}"),
            Attribute::IcePwd(password) => write!(f, "ice-pwd:{}", password.expose()),
            Attribute::Other { name, value: None } => f.write_str(name),
            Attribute::Other {
                name,
                value: Some(value),
            } => write!(f, "{name}:{}", value.expose()),
        }
    }
}

fn parse_rtpmap(value: &str) -> Option<Attribute> {
    let (payload_type, codec) = value.split_once(char::is_whitespace)?;
    Some(Attribute::RtpMap {
        payload_type: payload_type.parse().ok().filter(|number| *number < 128)?,
        codec: Codec::parse(codec.trim())?,
    })
}

/// A packet length; some devices write `20.0`, and no audio packet is longer than a second.
fn parse_millis(value: &str) -> Option<u32> {
    let whole = value.split('.').next()?;
    whole.parse().ok().filter(|millis| (1..=1000).contains(millis))
}

fn parse_rtcp(value: &str) -> Option<Attribute> {
    let (port, address) = match value.split_once(char::is_whitespace) {
        Some((port, address)) => (port, Some(Address::parse(address)?)),
        None => (value, None),
    };
    Some(Attribute::Rtcp {
        port: port.parse().ok()?,
        address,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_print_as_they_were_read() {
        for text in [
            "rtpmap:111 opus/48000/2",
            "fmtp:101 0-16",
            "ptime:20",
            "maxptime:150",
            "inactive",
            "rtcp:53020 IN IP6 2001:2345:6789:abcd::1",
            "rtcp:53020",
            "rtcp-mux",
            "ice-ufrag:F7gI",
            "ice-pwd:x9cml/YzichV2+XlhiMu8g",
            "candidate:0 1 UDP 2122252543 192.0.2.7 53415 typ host",
            "sendrecv:odd",
            "x-empty:",
        ] {
            assert_eq!(Attribute::parse(text).to_string(), text);
        }
    }

    #[test]
    fn a_known_name_with_nonsense_is_kept_as_unknown() {
        for text in [
            "rtpmap:128 PCMA/8000",
            "rtpmap:8",
            "ptime:0",
            "ptime:x",
            "rtcp:65536",
            "crypto:1 X inline:y",
        ] {
            let attribute = Attribute::parse(text);
            assert!(matches!(attribute, Attribute::Other { .. }), "{text}");
            assert_eq!(attribute.to_string(), text);
        }
    }

    #[test]
    fn sloppy_values_are_understood() {
        assert_eq!(Attribute::parse("ptime: 20.0"), Attribute::Ptime(20));
        assert_eq!(Attribute::parse("SendOnly"), Attribute::Direction(Direction::SendOnly));
    }
}
