//! Payload types of one leg to those of another, by what they carry (RFC 3264 §5.1: each side numbers its own).

use serde::{Deserialize, Serialize};

use crate::settings::RtpFormat;

/// For each payload type that one leg may send: what it is called on the leg that hears it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PayloadMap {
    /// In the order of the speaker's formats; a description holds a handful.
    entries: Vec<Mapping>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mapping {
    pub(crate) from: u8,
    pub(crate) to: u8,
    pub(crate) clock_rate: u32,
}

impl PayloadMap {
    /// What can be passed on from a speaker who sends `from` to a listener who takes `to`.
    pub(crate) fn between(from: &[RtpFormat], to: &[RtpFormat]) -> Self {
        let entries = from.iter().filter_map(|spoken| {
            let heard = to.iter().find(|heard| spoken.carries_the_same_as(heard))?;
            Some(Mapping {
                from: spoken.payload_type,
                to: heard.payload_type,
                clock_rate: heard.clock_rate,
            })
        });
        PayloadMap {
            entries: entries.collect(),
        }
    }

    pub(crate) fn of(&self, payload_type: u8) -> Option<Mapping> {
        self.entries.iter().find(|entry| entry.from == payload_type).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_matched_by_what_they_carry() {
        let from = [
            RtpFormat::new(96, "opus", 48_000, 2),
            RtpFormat::new(8, "PCMA", 8_000, 1),
            RtpFormat::new(101, "telephone-event", 8_000, 1),
            RtpFormat::new(102, "telephone-event", 48_000, 1),
        ];
        let to = [
            RtpFormat::new(0, "PCMU", 8_000, 1),
            RtpFormat::new(8, "pcma", 8_000, 1),
            RtpFormat::new(111, "OPUS", 48_000, 2),
            RtpFormat::new(110, "telephone-event", 48_000, 1),
        ];
        let map = PayloadMap::between(&from, &to);
        let to_type = |payload_type| map.of(payload_type).map(|mapping| mapping.to);
        assert_eq!(
            [96, 8, 101, 102, 0].map(to_type),
            [Some(111), Some(8), None, Some(110), None]
        );
    }
}
