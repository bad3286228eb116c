//! What a leg is to hear, one thing after the other.

use std::{num::NonZeroU32, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Sound, Tone};
use crate::event::DtmfDigit;

/// Tones, sounds, pauses and keys in a row, played to a leg or into a room.
///
/// ```
/// # use wigwag_media::{Programme, Times, Tone};
/// let refused = Programme::new(7).tone_for(Tone::Error, 1_000).silence(200).repeated(Times::Number(3.try_into()?));
/// let waiting = Programme::from(Tone::Melody);
/// # Ok::<(), std::num::TryFromIntError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programme {
    number: u32,
    pub(super) items: Vec<Item>,
    pub(super) times: Times,
    gain_db: i8,
}

/// How often something is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Times {
    /// This often.
    Number(NonZeroU32),
    /// Until it is stopped.
    Forever,
}

impl Times {
    /// One time only.
    pub const ONCE: Times = Times::Number(NonZeroU32::MIN);
}

/// One thing to hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) content: Content,
    /// Of one round; `None` has no end.
    pub(super) length_ms: Option<u32>,
    pub(super) times: Times,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Content {
    Tone(Tone),
    Sound(Arc<Sound>),
    Key(DtmfDigit),
}

/// Where a programme stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Rounds of the whole programme that were heard to their end.
    pub round: u32,
    /// The place of the present item in it, from 0.
    pub item: u32,
    /// Rounds of that item that were heard to their end.
    pub item_round: u32,
    /// Milliseconds of the present round of that item.
    pub ms: u32,
}

impl Programme {
    /// An empty programme; `number` comes back in [`Played`](crate::MediaEvent::Played) and
    /// [`Stopped`](crate::MediaEvent::Stopped), so that a late report is not taken for that of the next programme.
    pub fn new(number: u32) -> Programme {
        Programme {
            number,
            items: Vec::new(),
            times: Times::ONCE,
            gain_db: 0,
        }
    }

    /// Adds a tone without an end.
    pub fn tone(self, tone: Tone) -> Programme {
        self.with(Content::Tone(tone), None)
    }

    /// Adds a tone for `ms` milliseconds.
    pub fn tone_for(self, tone: Tone, ms: u32) -> Programme {
        self.with(Content::Tone(tone), Some(ms))
    }

    /// Adds a recorded sound.
    pub fn sound(self, sound: Arc<Sound>) -> Programme {
        let length_ms = sound.length_ms();
        self.with(Content::Sound(sound), Some(length_ms))
    }

    /// Adds `ms` milliseconds of silence.
    pub fn silence(self, ms: u32) -> Programme {
        self.tone_for(Tone::Silence, ms)
    }

    /// Adds a key that is held for `ms` milliseconds: an event (RFC 4733) where the leg agreed to those, otherwise its
    /// two tones. A pause, by which it is told from the next key, belongs to it.
    pub fn key(self, digit: DtmfDigit, ms: u32) -> Programme {
        self.with(Content::Key(digit), Some(ms.clamp(SHORTEST_KEY_MS, LONGEST_KEY_MS)))
            .silence(PAUSE_BETWEEN_KEYS_MS)
    }

    /// Plays the item that was added last, so often before the next.
    pub fn item_repeated(mut self, times: Times) -> Programme {
        if let Some(item) = self.items.last_mut() {
            item.times = times;
        }
        self
    }

    /// Plays the whole programme so often.
    pub fn repeated(mut self, times: Times) -> Programme {
        self.times = times;
        self
    }

    /// Makes everything louder or softer by `db` decibels, −60 to 20.
    pub fn gain(mut self, db: i8) -> Programme {
        self.gain_db = db.clamp(-60, 20);
        self
    }

    /// The number that it was made with.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The highest sample rate of anything in it, in hertz; tones have nothing above 4 kHz.
    pub(super) fn widest_rate(&self) -> u32 {
        let rates = self.items.iter().map(|item| match &item.content {
            Content::Sound(sound) => sound.sample_rate(),
            Content::Tone(_) | Content::Key(_) => 8_000,
        });
        rates.max().unwrap_or(8_000)
    }

    pub(super) fn factor(&self) -> Option<f32> {
        (self.gain_db != 0).then(|| 10f32.powf(f32::from(self.gain_db) / 20.0))
    }

    fn with(mut self, content: Content, length_ms: Option<u32>) -> Programme {
        if length_ms != Some(0) {
            self.items.push(Item {
                content,
                length_ms,
                times: Times::ONCE,
            });
        }
        self
    }
}

/// RFC 4733 §2.6.2.1 and ITU-T Q.24: shorter keys and pauses are not heard by every receiver.
const SHORTEST_KEY_MS: u32 = 60;
const LONGEST_KEY_MS: u32 = 8_000;
const PAUSE_BETWEEN_KEYS_MS: u32 = 80;

impl From<Tone> for Programme {
    /// The tone until it is stopped.
    fn from(tone: Tone) -> Self {
        Programme::new(0).tone(tone)
    }
}

impl From<Arc<Sound>> for Programme {
    /// The sound, once.
    fn from(sound: Arc<Sound>) -> Self {
        Programme::new(0).sound(sound)
    }
}
