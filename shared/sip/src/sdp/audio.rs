//! The audio stream of one side, in our terms: what a call needs to know of a description.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Attribute, Capabilities, Crypto, Description, Direction, Media, MediaKind, NegotiationError, Protocol};

/// One `m=audio` with everything that the session level says for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioDescription {
    /// Which of the description's streams it is.
    pub index: usize,
    /// Where the side receives RTP; None while it holds the call by `c=0.0.0.0`.
    pub rtp: Option<SocketAddr>,
    /// Where it receives RTCP unless that is multiplexed.
    pub rtcp: Option<SocketAddr>,
    /// Whether it can take RTCP on the RTP port.
    pub rtcp_mux: bool,
    /// The direction as that side sees it; `c=0.0.0.0` has been turned into "does not receive".
    pub direction: Direction,
    /// What it can receive.
    pub capabilities: Capabilities,
    /// How it wants packets protected.
    pub security: Security,
    /// The transport it named, which an answer has to repeat.
    pub protocol: Protocol,
}

/// How a side wants packets protected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Security {
    /// Not at all.
    Plain,
    /// SRTP if we like, plain RTP otherwise (RFC 8643: `RTP/AVP` with `a=crypto`).
    Opportunistic(Vec<Crypto>),
    /// SRTP with one of these.
    Sdes(Vec<Crypto>),
}

impl AudioDescription {
    /// The first audio stream that can be relayed at all: what to build the offer for the other leg from.
    ///
    /// # Errors
    /// Why there is none; each means 488.
    pub fn of(description: &Description) -> Result<AudioDescription, NegotiationError> {
        let mut failure = None;
        for audio in AudioDescription::all(description) {
            match audio {
                Ok(audio) => return Ok(audio),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Err(failure.unwrap_or_else(|| without_audio(description)))
    }

    /// Whether the side holds the call: it does not want to hear us.
    pub fn holds(&self) -> bool {
        !self.direction.receives()
    }

    /// Every audio stream that is not refused, in order.
    pub(crate) fn all(description: &Description) -> impl Iterator<Item = Result<AudioDescription, NegotiationError>> {
        let streams = description.media.iter().enumerate();
        streams
            .filter(|(_, media)| media.kind == MediaKind::Audio && media.port > 0)
            .map(|(index, media)| AudioDescription::read(description, index, media))
    }

    pub(crate) fn read(
        description: &Description,
        index: usize,
        media: &Media,
    ) -> Result<AudioDescription, NegotiationError> {
        let security = security(media)?;
        let ice = media.section.uses_ice() || description.session.uses_ice();
        let said = media.section.direction().or(description.session.direction());
        let host = host(description, media)?;
        let direction = match host {
            Host::Nowhere if !ice => said.unwrap_or_default().and(Direction::SendOnly),
            Host::Nowhere | Host::At(_) => said.unwrap_or_default(),
        };
        let rtp = host.with_port(media.port);
        Ok(AudioDescription {
            index,
            rtp,
            rtcp: rtcp(media, rtp),
            rtcp_mux: media.section.rtcp_mux(),
            direction,
            capabilities: capabilities(media)?,
            security,
            protocol: media.protocol.clone(),
        })
    }
}

/// Why a description has no audio stream at all: a fax is worth its own word.
pub(crate) fn without_audio(description: &Description) -> NegotiationError {
    let fax = |media: &Media| media.kind == MediaKind::Image && media.port > 0;
    if description.media.iter().any(fax) {
        NegotiationError::FaxOnly
    } else {
        NegotiationError::NoAudio
    }
}

enum Host {
    At(IpAddr),
    /// `c=0.0.0.0`: RFC 2543's way to hold, or an ICE agent that does not know yet.
    Nowhere,
}

impl Host {
    fn with_port(&self, port: u16) -> Option<SocketAddr> {
        match self {
            Host::At(ip) => Some(SocketAddr::new(*ip, port)),
            Host::Nowhere => None,
        }
    }
}

fn host(description: &Description, media: &Media) -> Result<Host, NegotiationError> {
    let address = media
        .section
        .connection
        .as_ref()
        .or(description.session.connection.as_ref());
    let ip = address
        .and_then(|address| address.ip())
        .ok_or(NegotiationError::UnusableAddress)?;
    if ip.is_multicast() || ip == Ipv4Addr::BROADCAST {
        return Err(NegotiationError::UnusableAddress);
    }
    Ok(if ip.is_unspecified() {
        Host::Nowhere
    } else {
        Host::At(ip)
    })
}

/// RFC 3605: `a=rtcp`, else the next port.
fn rtcp(media: &Media, rtp: Option<SocketAddr>) -> Option<SocketAddr> {
    let rtp = rtp?;
    let said = media.section.attributes.iter().find_map(|attribute| {
        if let Attribute::Rtcp { port, address } = attribute {
            (*port > 0).then_some((*port, address.as_ref()))
        } else {
            None
        }
    });
    let Some((port, address)) = said else {
        return rtp.port().checked_add(1).map(|port| SocketAddr::new(rtp.ip(), port));
    };
    let elsewhere = address.and_then(|address| address.ip());
    let usable = elsewhere.filter(|ip| !ip.is_multicast() && !ip.is_unspecified() && *ip != Ipv4Addr::BROADCAST);
    Some(SocketAddr::new(usable.unwrap_or(rtp.ip()), port))
}

fn capabilities(media: &Media) -> Result<Capabilities, NegotiationError> {
    let mut capabilities = Capabilities::of_formats(media.rtp_formats());
    for attribute in &media.section.attributes {
        if let Attribute::Ptime(millis) = attribute {
            capabilities.ptime = Some(*millis);
        } else if let Attribute::MaxPtime(millis) = attribute {
            capabilities.max_ptime = Some(*millis);
        }
    }
    if capabilities.codecs.is_empty() {
        return Err(NegotiationError::NoCommonCodec);
    }
    Ok(capabilities)
}

fn security(media: &Media) -> Result<Security, NegotiationError> {
    let cryptos: Vec<Crypto> = media.section.cryptos().cloned().collect();
    match (&media.protocol, cryptos.is_empty()) {
        (Protocol::RtpAvp | Protocol::RtpAvpf, true) => Ok(Security::Plain),
        (Protocol::RtpAvp | Protocol::RtpAvpf, false) => Ok(Security::Opportunistic(cryptos)),
        (Protocol::RtpSavp | Protocol::RtpSavpf, false) => Ok(Security::Sdes(cryptos)),
        (Protocol::RtpSavp | Protocol::RtpSavpf, true) => Err(NegotiationError::NoCommonEncryption),
        (Protocol::UdpTlsRtpSavp | Protocol::UdpTlsRtpSavpf | Protocol::Other(_), _) => {
            Err(NegotiationError::UnsupportedTransport)
        }
    }
}
