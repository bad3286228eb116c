//! From the payload types of one leg to those of another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Agreement, Format};

/// For each payload type received on one leg, the one to send on the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadMap(BTreeMap<u8, u8>);

impl PayloadMap {
    /// The map for packets that come in on `from` and go out on `to`: same codec, telephone events and comfort noise
    /// on the same clock.
    pub fn between(from: &Agreement, to: &Agreement) -> PayloadMap {
        let onward = |format: &Format| {
            let twin = to.send.formats().find(|candidate| candidate.carries_the_same(format));
            twin.map(|twin| (format.payload_type, twin.payload_type))
        };
        // Some phones send with the numbers of their own answer instead of those of our offer.
        let theirs = from
            .send
            .formats()
            .filter(|format| from.receive.format(format.payload_type).is_none());
        PayloadMap(from.receive.formats().chain(theirs).filter_map(onward).collect())
    }

    /// What to send a packet as, or None when it has to be dropped.
    pub fn target(&self, payload_type: u8) -> Option<u8> {
        self.0.get(&payload_type).copied()
    }

    /// All pairs (received, sent), in the order of the received.
    pub fn iter(&self) -> impl Iterator<Item = (u8, u8)> {
        self.0.iter().map(|(from, to)| (*from, *to))
    }
}
