//! What was measured of one leg's sound.

use serde::{Deserialize, Serialize};

/// The legs of one call are numbered from 0 (the caller) in the order in which they were started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LegId(pub u16);

/// Figures of one leg over its whole life (RFC 3550 §6.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFigures {
    /// RTP packets received from the leg's phone.
    pub packets_received: u64,
    /// RTP packets sent to it.
    pub packets_sent: u64,
    /// Packets that its phone sent and we never received.
    pub packets_lost: u64,
    /// Interarrival jitter of what we received, in microseconds, at the end.
    pub jitter_us: u32,
    /// The loss that the phone reports of what we sent.
    pub reported_lost: u64,
    /// The last round trip measured by RTCP, in microseconds.
    pub round_trip_us: Option<u32>,
}
