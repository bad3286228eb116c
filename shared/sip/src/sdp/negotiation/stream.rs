//! Our audio line as it stands in an offer or answer.

use smol_str::ToSmolStr;

use crate::sdp::{Attribute, Capabilities, Crypto, Direction, Media, MediaKind, Protocol, Section};

/// Everything that our `m=audio` says.
pub(super) struct Stream<'a> {
    pub(super) port: u16,
    pub(super) protocol: Protocol,
    pub(super) capabilities: &'a Capabilities,
    pub(super) direction: Direction,
    pub(super) rtcp_mux: bool,
    pub(super) cryptos: Vec<Crypto>,
}

impl Stream<'_> {
    pub(super) fn media(self) -> Media {
        Media {
            kind: MediaKind::Audio,
            port: self.port,
            port_count: None,
            formats: self
                .capabilities
                .formats()
                .map(|format| format.payload_type.to_smolstr())
                .collect(),
            section: Section {
                attributes: self.attributes(),
                ..Section::default()
            },
            protocol: self.protocol,
        }
    }

    /// In the order in which people read them; `rtpmap` also for static payload types, which some phones want.
    fn attributes(&self) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        for format in self.capabilities.formats() {
            attributes.push(Attribute::RtpMap {
                payload_type: format.payload_type,
                codec: format.codec.clone(),
            });
            attributes.extend(format.fmtp.as_ref().map(|parameters| Attribute::Fmtp {
                format: format.payload_type.to_smolstr(),
                parameters: parameters.clone(),
            }));
        }
        attributes.extend(self.capabilities.ptime.map(Attribute::Ptime));
        attributes.extend(self.capabilities.max_ptime.map(Attribute::MaxPtime));
        attributes.extend(self.cryptos.iter().cloned().map(Attribute::Crypto));
        attributes.extend(self.rtcp_mux.then_some(Attribute::RtcpMux));
        attributes.push(Attribute::Direction(self.direction));
        attributes
    }
}
