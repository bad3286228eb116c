//! Why packets were not passed on.

use serde::{Deserialize, Serialize};

/// The reason for dropping one received packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DropReason {
    /// Neither RTP nor RTCP that we can read.
    Malformed,
    /// From an address that is not the leg's peer.
    UnknownSource,
    /// A payload type that was not agreed.
    UnknownPayloadType,
    /// A synchronisation source other than the latched one.
    UnknownSsrc,
    /// SRTP without the right authentication tag.
    NotAuthentic,
    /// SRTP that was received before, or is too old to tell.
    Replayed,
    /// The agreed direction forbids it (hold).
    OnHold,
    /// Nobody listens to this leg at the moment.
    NoListener,
    /// The listener did not agree to this format.
    NoMapping,
    /// The operating system refused to send it.
    SendFailed,
    /// A key press that is to be told and not passed on.
    KeyTold,
}

impl DropReason {
    /// Every reason, in the order of the metrics.
    pub const ALL: [DropReason; 11] = [
        DropReason::Malformed,
        DropReason::UnknownSource,
        DropReason::UnknownPayloadType,
        DropReason::UnknownSsrc,
        DropReason::NotAuthentic,
        DropReason::Replayed,
        DropReason::OnHold,
        DropReason::NoListener,
        DropReason::NoMapping,
        DropReason::SendFailed,
        DropReason::KeyTold,
    ];

    /// The reason as a metric label.
    pub const fn as_str(self) -> &'static str {
        match self {
            DropReason::Malformed => "malformed",
            DropReason::UnknownSource => "unknown_source",
            DropReason::UnknownPayloadType => "unknown_payload_type",
            DropReason::UnknownSsrc => "unknown_ssrc",
            DropReason::NotAuthentic => "not_authentic",
            DropReason::Replayed => "replayed",
            DropReason::OnHold => "on_hold",
            DropReason::NoListener => "no_listener",
            DropReason::NoMapping => "no_mapping",
            DropReason::SendFailed => "send_failed",
            DropReason::KeyTold => "key_told",
        }
    }
}

/// Dropped packets counted by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drops([u64; DropReason::ALL.len()]);

impl Drops {
    /// Packets dropped for `reason`.
    pub const fn of(&self, reason: DropReason) -> u64 {
        self.0[reason as usize]
    }

    /// Packets dropped for any reason.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Every reason with its count, in the order of [`DropReason::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u64)> {
        DropReason::ALL.into_iter().zip(self.0)
    }

    pub(crate) fn add(&mut self, reason: DropReason, packets: u64) {
        self.0[reason as usize] += packets;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_counts_in_its_own_place() {
        let mut drops = Drops::default();
        for (n, reason) in (1..).zip(DropReason::ALL) {
            drops.add(reason, n);
        }
        assert!(
            drops
                .iter()
                .zip(1..)
                .all(|((reason, count), n)| count == n && drops.of(reason) == n)
        );
        assert_eq!(drops.total(), 66);
    }
}
