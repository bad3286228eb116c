//! Figures of one leg, for the call record and the live view (RFC 3550 §6.4).

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use wigwag_model::MediaFigures;
use wigwag_sansio::Pii;

use crate::drops::Drops;

/// Everything measured on one leg since it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegStatistics {
    /// Where the leg's sound comes from, once a packet has proved it.
    pub remote: Option<Pii<SocketAddr>>,
    /// What arrived from the peer.
    pub received: ReceiveStatistics,
    /// What we sent to the peer.
    pub sent: SendStatistics,
    /// What the peer says about what it receives, from its last RTCP report.
    pub reported: Option<PeerReport>,
    /// How long a packet takes there and back, from RTCP.
    pub round_trip: Option<RoundTrip>,
    /// Packets that were received and not passed on.
    pub dropped: Drops,
}

/// Packets that arrived from the peer, valid ones only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiveStatistics {
    /// RTP packets, duplicates included.
    pub packets: u64,
    /// Payload bytes.
    pub payload_bytes: u64,
    /// Expected less received packets (RFC 3550 A.3), over all sources, never below zero.
    pub lost: u64,
    /// Packets that arrived after one with a higher sequence number.
    pub reordered: u64,
    /// Interarrival jitter in microseconds (RFC 3550 A.8).
    pub jitter_us: u32,
    /// The highest value that the jitter ever had, in microseconds.
    pub jitter_max_us: u32,
}

/// Packets that we sent to the peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendStatistics {
    /// RTP packets.
    pub packets: u64,
    /// Payload bytes.
    pub payload_bytes: u64,
}

/// The reception report block of the peer about our stream (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerReport {
    /// Lost share since the report before, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the start; duplicates can make it negative.
    pub lost: i32,
    /// Interarrival jitter that the peer measures, in microseconds.
    pub jitter_us: u32,
}

/// Round-trip time measured by RTCP, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundTrip {
    /// The last measurement.
    pub last_us: u32,
    /// The shortest.
    pub min_us: u32,
    /// The longest.
    pub max_us: u32,
}

impl LegStatistics {
    /// The figures that the call record keeps.
    pub fn figures(&self) -> MediaFigures {
        MediaFigures {
            packets_received: self.received.packets,
            packets_sent: self.sent.packets,
            packets_lost: self.received.lost,
            jitter_us: self.received.jitter_us,
            reported_lost: self
                .reported
                .map_or(0, |report| u64::try_from(report.lost).unwrap_or(0)),
            round_trip_us: self.round_trip.map(|round_trip| round_trip.last_us),
        }
    }
}
