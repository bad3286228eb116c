//! Payload types of one leg to those of another, ready for packets: what `sdp` agreed, in an array.

use serde::{Deserialize, Serialize};
use wigwag_sip::sdp::{Agreement, Format, PayloadMap};

use crate::codec::Coding;

/// For each payload type that one leg sends: what it is called on the leg that hears it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RelayMap {
    /// A description holds a handful, so looking through them beats a table.
    entries: Vec<Mapping>,
    /// Whether some sound can be passed on: not only key presses and comfort noise.
    sound: bool,
    /// Whether key presses can.
    keys: bool,
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
        let onward = |formats: &[Format]| formats.iter().any(|format| map.target(format.payload_type).is_some());
        RelayMap {
            entries: entries.collect(),
            sound: onward(&speaker.receive.codecs),
            keys: onward(&speaker.receive.telephone_events),
        }
    }

    pub(crate) fn passes_sound(&self) -> bool {
        self.sound
    }

    pub(crate) fn passes_keys(&self) -> bool {
        self.keys
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
    /// Sound, of a codec of ours or another; comfort noise is of none.
    Sound(Option<Coding>),
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
                Content::Sound(Coding::of(&format.codec))
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
