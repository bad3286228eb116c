//! What an offer and its answer came to: all that the media of one leg has to know.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::sdp::{AudioDescription, Capabilities, Direction, KeySalt, Suite};

/// The audio of one leg as both sides want it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Where the remote side receives RTP; None while it holds the call by `c=0.0.0.0`.
    pub remote_rtp: Option<SocketAddr>,
    /// Where it receives RTCP: the same as RTP when multiplexed.
    pub remote_rtcp: Option<SocketAddr>,
    /// Whether RTCP shares the RTP port, in both directions.
    pub rtcp_mux: bool,
    /// Who sends, as we see it.
    pub direction: Direction,
    /// Payload types of the packets that reach us, and what we said that we want in them.
    pub receive: Capabilities,
    /// Payload types of the packets that we send, and what the remote side wants in them; most wanted first.
    pub send: Capabilities,
    /// Keys when packets are SRTP.
    pub srtp: Option<SrtpKeys>,
}

/// Suite and keys of both directions (RFC 4568).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SrtpKeys {
    /// How packets are protected.
    pub suite: Suite,
    /// Protects what we send.
    pub send: KeySalt,
    /// Opens what we receive.
    pub receive: KeySalt,
}

impl Agreement {
    pub(super) fn new(
        remote: &AudioDescription,
        direction: Direction,
        receive: Capabilities,
        send: Capabilities,
        srtp: Option<SrtpKeys>,
    ) -> Self {
        Agreement {
            remote_rtp: remote.rtp,
            remote_rtcp: if remote.rtcp_mux { remote.rtp } else { remote.rtcp },
            rtcp_mux: remote.rtcp_mux,
            direction,
            receive,
            send,
            srtp,
        }
    }

    /// Whether the remote side does not want to hear us.
    pub fn held_by_remote(&self) -> bool {
        !self.direction.sends()
    }

    /// Whether the other leg of the call would notice no difference.
    pub(super) fn sounds_like(&self, other: &Agreement) -> bool {
        let direction = self.direction == other.direction;
        direction && self.srtp.is_some() == other.srtp.is_some() && self.send.says_the_same(&other.send)
    }
}
