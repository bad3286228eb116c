//! What one side can receive: its audio formats with all that goes along with them.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, ToSmolStr};

use super::{Codec, Format, events::EventSet, format::Role, limits::MAX_FMTP_BYTES};

/// Formats in order of preference, told apart by what the relay does with them.
///
/// The payload types are those of the leg that the capabilities were read from; another leg numbers them anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Speech and music.
    pub codecs: Vec<Format>,
    /// `telephone-event`, one per clock rate.
    pub telephone_events: Vec<Format>,
    /// `CN`, one per clock rate.
    pub comfort_noise: Vec<Format>,
    /// Milliseconds per packet that the side would like to receive.
    pub ptime: Option<u32>,
    /// Milliseconds per packet that the side can receive at most.
    pub max_ptime: Option<u32>,
}

impl Capabilities {
    /// What the server can play by itself, most wanted first, with key presses on every clock that occurs.
    pub fn of_codecs(codecs: impl IntoIterator<Item = Codec>) -> Capabilities {
        let mut capabilities = Capabilities {
            ptime: Some(20),
            ..Capabilities::default()
        };
        let mut free = DYNAMIC;
        for codec in codecs {
            let number = codec.static_payload_type().or_else(|| free.next());
            let format = number.map(|number| Format::new(number, codec));
            capabilities.codecs.extend(format);
        }
        let mut clocks: Vec<u32> = capabilities
            .codecs
            .iter()
            .map(|format| format.codec.clock_rate)
            .collect();
        clocks.sort_unstable();
        clocks.dedup();
        for clock_rate in clocks {
            let format = free.next().map(|number| Format {
                payload_type: number,
                codec: Codec::telephone_event(clock_rate),
                fmtp: Some(EventSet::KEYS.to_smolstr()),
            });
            capabilities.telephone_events.extend(format);
        }
        capabilities
    }

    /// Sorts formats into their places; those that cannot be relayed fall out.
    pub(crate) fn of_formats(formats: impl IntoIterator<Item = Format>) -> Capabilities {
        let mut capabilities = Capabilities::default();
        let short = |format: &Format| format.fmtp.as_ref().is_none_or(|fmtp| fmtp.len() <= MAX_FMTP_BYTES);
        for format in formats.into_iter().filter(short) {
            match format.role() {
                Role::Audio => capabilities.codecs.push(format),
                Role::Events => capabilities.telephone_events.push(format),
                Role::ComfortNoise => capabilities.comfort_noise.push(format),
                Role::NotRelayed => {}
            }
        }
        capabilities
    }

    /// Whether both are the same but for the payload types.
    pub(crate) fn says_the_same(&self, other: &Capabilities) -> bool {
        let meaning = |format: &Format| (format.codec.clone(), format.fmtp.clone());
        (self.ptime, self.max_ptime) == (other.ptime, other.max_ptime)
            && self.formats().map(meaning).eq(other.formats().map(meaning))
    }

    /// The same formats with another side's wishes for packet lengths.
    #[must_use]
    pub(crate) fn with_packet_times_of(self, other: &Capabilities) -> Capabilities {
        Capabilities {
            ptime: other.ptime,
            max_ptime: other.max_ptime,
            ..self
        }
    }

    /// All formats in the order of an `m=` line.
    pub fn formats(&self) -> impl Iterator<Item = &Format> {
        self.codecs
            .iter()
            .chain(&self.comfort_noise)
            .chain(&self.telephone_events)
    }

    /// What stands for `payload_type` in the packets of this leg.
    pub fn format(&self, payload_type: u8) -> Option<&Format> {
        self.formats().find(|format| format.payload_type == payload_type)
    }

    /// Whether audio could be relayed between the two sides.
    pub fn shares_a_codec_with(&self, other: &Capabilities) -> bool {
        let known = |format: &Format| other.codecs.iter().any(|theirs| theirs.carries_the_same(format));
        self.codecs.iter().any(known)
    }
}

/// The formats on which two sides meet: each of `ours` that `theirs` can carry, in our order, as (ours, theirs).
///
/// Each of theirs is used once. Key presses and comfort noise are kept on the clocks of the audio; key presses on
/// another clock only when there are no others, since some phones know a single clock for them.
pub(crate) fn meet<'a>(ours: &'a Capabilities, theirs: &'a Capabilities) -> Meeting<'a> {
    let codecs = pairs(&ours.codecs, &theirs.codecs);
    let on_clock = |(format, _): &(&Format, &Format)| {
        codecs
            .iter()
            .any(|(audio, _)| audio.codec.clock_rate == format.codec.clock_rate)
    };
    let events = pairs(&ours.telephone_events, &theirs.telephone_events);
    let on_audio_clocks: Vec<_> = events.iter().copied().filter(on_clock).collect();
    let comfort_noise = pairs(&ours.comfort_noise, &theirs.comfort_noise)
        .into_iter()
        .filter(on_clock)
        .collect();
    Meeting {
        telephone_events: if on_audio_clocks.is_empty() {
            events
        } else {
            on_audio_clocks
        },
        comfort_noise,
        codecs,
    }
}

/// Pairs of formats that carry the same, as (ours, theirs).
pub(crate) struct Meeting<'a> {
    pub(crate) codecs: Vec<(&'a Format, &'a Format)>,
    telephone_events: Vec<(&'a Format, &'a Format)>,
    comfort_noise: Vec<(&'a Format, &'a Format)>,
}

impl Meeting<'_> {
    /// One set of capabilities made from every pair.
    pub(crate) fn map(&self, mut merge: impl FnMut(&Format, &Format) -> Format) -> Capabilities {
        let mut all = |pairs: &[(&Format, &Format)]| pairs.iter().map(|(ours, theirs)| merge(ours, theirs)).collect();
        Capabilities {
            codecs: all(&self.codecs),
            telephone_events: all(&self.telephone_events),
            comfort_noise: all(&self.comfort_noise),
            ptime: None,
            max_ptime: None,
        }
    }
}

/// The parameters to say for a format: ours, and for key presses only those that both know.
pub(crate) fn merged_fmtp(ours: &Format, theirs: &Format) -> Option<SmolStr> {
    if ours.role() != Role::Events {
        return ours.fmtp.clone();
    }
    let events = |format: &Format| format.fmtp.as_deref().map_or(Some(EventSet::KEYS), EventSet::parse);
    let common = events(ours)
        .unwrap_or(EventSet::KEYS)
        .and(events(theirs).unwrap_or(EventSet::KEYS));
    if common.is_empty() {
        return ours.fmtp.clone();
    }
    Some(common.to_smolstr())
}

fn pairs<'a>(ours: &'a [Format], theirs: &'a [Format]) -> Vec<(&'a Format, &'a Format)> {
    let mut used: Vec<u8> = Vec::with_capacity(theirs.len());
    let mut pairs = Vec::new();
    for our in ours {
        let free = |their: &&Format| !used.contains(&their.payload_type) && our.carries_the_same(their);
        if let Some(their) = theirs.iter().find(free) {
            used.push(their.payload_type);
            pairs.push((our, their));
        }
    }
    pairs
}

/// RFC 3551 §3: payload types that mean what the description says.
pub(crate) const DYNAMIC: RangeInclusive<u8> = 96..=127;
