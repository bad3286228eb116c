//! What a phone says about sound: session descriptions written by hand, as phones of many makers would.

use std::net::SocketAddr;

use bytes::Bytes;
use wigwag_sip::{
    sdp::{AudioDescription, Description, Direction, Protocol},
    session::Sdp,
};

/// A phone's sound.
#[derive(Clone, Debug)]
pub(crate) struct Voice {
    pub(crate) address: SocketAddr,
    /// Payload type and name, most wanted first.
    pub(crate) codecs: Vec<(u8, &'static str)>,
    pub(crate) direction: Direction,
    /// Whether it says `c=0.0.0.0` (RFC 2543).
    pub(crate) nowhere: bool,
    /// Whether it answers offers of encrypted sound; it takes our key for its own, which is enough here.
    pub(crate) can_encrypt: bool,
    version: u32,
}

impl Voice {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Voice {
            address,
            codecs: vec![(8, "PCMA/8000"), (0, "PCMU/8000"), (101, "telephone-event/8000")],
            direction: Direction::SendRecv,
            nowhere: false,
            can_encrypt: false,
            version: 0,
        }
    }

    /// The phone's offer.
    pub(crate) fn offer(&mut self) -> Sdp {
        let codecs = self.codecs.clone();
        self.write("RTP/AVP", &codecs, self.direction, "")
    }

    /// The phone's answer to an offer; none when it cannot take that.
    pub(crate) fn answer(&mut self, offer: &Sdp) -> Option<Sdp> {
        let offer = Description::parse(&offer.0).expect("the exchange writes what can be read");
        let audio = AudioDescription::of(&offer).ok()?;
        let wanted = |name: &str| self.codecs.iter().any(|(_, codec)| codec.eq_ignore_ascii_case(name));
        let formats: Vec<(u8, String)> = audio
            .capabilities
            .formats()
            .map(|format| (format.payload_type, format.codec.to_string()))
            .filter(|(_, name)| wanted(name))
            .collect();
        if formats.iter().all(|(_, name)| name.starts_with("telephone-event")) {
            return None;
        }
        let direction = audio.direction.reversed().and(self.direction);
        if audio.protocol == Protocol::RtpAvp {
            return Some(self.write("RTP/AVP", &formats, direction, ""));
        }
        let crypto = offer.media[audio.index].section.cryptos().next();
        let crypto = crypto.filter(|_| self.can_encrypt)?;
        let line = format!("a=crypto:{crypto}\r\n");
        Some(self.write("RTP/SAVP", &formats, direction, &line))
    }

    fn write<N: AsRef<str>>(&mut self, protocol: &str, codecs: &[(u8, N)], direction: Direction, more: &str) -> Sdp {
        self.version += 1;
        let (version, port) = (self.version, self.address.port());
        let here = self.address.ip().to_string();
        let there = if self.nowhere { "0.0.0.0" } else { here.as_str() };
        let types: Vec<String> = codecs.iter().map(|(number, _)| number.to_string()).collect();
        let types = types.join(" ");
        let maps: String = codecs
            .iter()
            .map(|(number, name)| format!("a=rtpmap:{number} {}\r\n", name.as_ref()))
            .collect();
        let direction = if self.nowhere {
            String::new()
        } else {
            format!("a={}\r\n", direction.as_str())
        };
        let text = format!(
            "v=0\r\no=- 1 {version} IN IP4 {here}\r\ns=-\r\nc=IN IP4 {there}\r\nt=0 0\r\n\
             m=audio {port} {protocol} {types}\r\n{maps}{more}{direction}"
        );
        Sdp(Bytes::from(text))
    }
}

/// The offer of a fax machine.
pub(crate) fn fax(address: SocketAddr) -> Sdp {
    let (ip, port) = (address.ip(), address.port());
    let text = format!("v=0\r\no=- 1 9 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=image {port} udptl t38\r\n");
    Sdp(Bytes::from(text))
}
