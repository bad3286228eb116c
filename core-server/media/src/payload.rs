//! Payload types of one leg to those of another, ready for packets: what `sdp` agreed, in an array.

use serde::{Deserialize, Serialize};
use wigwag_sip::sdp::{Agreement, Format, PayloadMap};

/// For each payload type that one leg sends: what it is called on the leg that hears it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RelayMap {
    /// A description holds a handful, so looking through them beats a table.
    entries: Vec<Mapping>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mapping {
    from: u8,
    pub(crate) to: u8,
    pub(crate) clock_rate: u32,
}

impl RelayMap {
    /// What can be passed on from a speaker to a listener.
    pub(crate) fn between(speaker: &Agreement, listener: &Agreement) -> Self {
        let map = PayloadMap::between(speaker, listener);
        let entries = map.iter().filter_map(|(from, to)| {
            let clock_rate = listener.send.format(to)?.codec.clock_rate;
            Some(Mapping { from, to, clock_rate })
        });
        RelayMap {
            entries: entries.collect(),
        }
    }

    pub(crate) fn of(&self, payload_type: u8) -> Option<Mapping> {
        self.entries.iter().find(|entry| entry.from == payload_type).copied()
    }
}

/// The formats that a leg may send to us, as far as each packet needs them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SpokenFormats(Vec<Spoken>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spoken {
    payload_type: u8,
    pub(crate) clock_rate: u32,
    pub(crate) content: Content,
}

/// What the media threads have to know about a packet's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Content {
    Sound,
    KeyPress,
}

impl SpokenFormats {
    /// What was agreed; some phones send with the numbers of their own description instead of ours.
    pub(crate) fn of(agreement: &Agreement) -> Self {
        let spoken = |format: &Format| Spoken {
            payload_type: format.payload_type,
            clock_rate: format.codec.clock_rate,
            content: if format.codec.is("telephone-event") {
                Content::KeyPress
            } else {
                Content::Sound
            },
        };
        SpokenFormats(
            agreement
                .receive
                .formats()
                .chain(agreement.send.formats())
                .map(spoken)
                .collect(),
        )
    }

    pub(crate) fn of_packet(&self, payload_type: u8) -> Option<Spoken> {
        self.0
            .iter()
            .find(|spoken| spoken.payload_type == payload_type)
            .copied()
    }
}
