//! What an offer/answer agreed for one leg (RFC 3264), in the terms of the media threads.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::Pii;

use crate::srtp::SdesKeys;

/// Names one leg for commands and events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LegKey {
    /// The call, by whatever number its owner gave it; not used for placement.
    pub call: u64,
    /// The leg within the call.
    pub leg: u16,
}

/// The result of one offer/answer, applied with [`MediaPlane::configure`](crate::MediaPlane::configure).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegSettings {
    /// Where the peer says it receives RTP; `None` where it gave none, or `0.0.0.0` as older phones do on hold.
    pub remote_rtp: Option<Pii<SocketAddr>>,
    /// Where the peer says it receives RTCP (`a=rtcp`, else the port after RTP); ignored with `rtcp_mux`.
    pub remote_rtcp: Option<Pii<SocketAddr>>,
    /// RTP and RTCP share the RTP port (RFC 5761): the port of its own is given back.
    pub rtcp_mux: bool,
    /// What the leg may send to us, with the payload types of our own description.
    pub receive: Vec<RtpFormat>,
    /// What we may send to the leg, with the payload types of the peer's description, preferred first.
    pub send: Vec<RtpFormat>,
    /// Packet length of sounds that we make ourselves, in milliseconds; 20 is usual.
    pub ptime_ms: u16,
    /// Who may send, as seen from us.
    pub direction: Direction,
    /// Keys for SRTP by SDES (RFC 4568); `None` is plain RTP.
    pub srtp: Option<SdesKeys>,
}

/// The direction attribute as seen from us (RFC 3264 §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// Both sides send.
    SendReceive,
    /// Only we send: the peer holds its microphone.
    SendOnly,
    /// Only the peer sends.
    ReceiveOnly,
    /// Nobody sends.
    Inactive,
}

impl Direction {
    /// We may send to the peer.
    pub const fn may_send(self) -> bool {
        matches!(self, Direction::SendReceive | Direction::SendOnly)
    }

    /// The peer may send to us.
    pub const fn may_receive(self) -> bool {
        matches!(self, Direction::SendReceive | Direction::ReceiveOnly)
    }
}

/// One payload type of one description (`a=rtpmap`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RtpFormat {
    /// RTP payload type, 0–127.
    pub payload_type: u8,
    /// Encoding name.
    pub encoding: Encoding,
    /// RTP clock rate in hertz.
    pub clock_rate: u32,
    /// Channels as described; 2 for Opus, whatever it carries (RFC 7587).
    pub channels: u8,
}

impl RtpFormat {
    /// A format as `a=rtpmap` writes it; encoding names are compared without case.
    pub fn new(payload_type: u8, encoding: &str, clock_rate: u32, channels: u8) -> Self {
        RtpFormat {
            payload_type,
            encoding: Encoding::named(encoding),
            clock_rate,
            channels,
        }
    }

    /// Whether packets of the one format can be sent as the other without decoding.
    pub(crate) fn carries_the_same_as(&self, other: &RtpFormat) -> bool {
        self.encoding == other.encoding && self.clock_rate == other.clock_rate && self.channels == other.channels
    }
}

/// An encoding name, as far as the media threads have to tell them apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722 at 64 kbit/s; its RTP clock is 8000 Hz by an old mistake (RFC 3551 §4.5.2).
    G722,
    /// Opus (RFC 7587).
    Opus,
    /// Key presses (RFC 4733).
    TelephoneEvent,
    /// Comfort noise (RFC 3389).
    ComfortNoise,
    /// Anything else: relayed, never decoded. Lower case.
    Other(SmolStr),
}

impl Encoding {
    /// The encoding of that name, without regard to case.
    pub fn named(name: &str) -> Self {
        match SmolStr::new(name.to_ascii_lowercase()).as_str() {
            "pcmu" => Encoding::Pcmu,
            "pcma" => Encoding::Pcma,
            "g722" => Encoding::G722,
            "opus" => Encoding::Opus,
            "telephone-event" => Encoding::TelephoneEvent,
            "cn" => Encoding::ComfortNoise,
            other => Encoding::Other(SmolStr::new(other)),
        }
    }
}
