//! What becomes of the keys that a leg's peer presses.

use serde::{Deserialize, Serialize};

/// How a leg's keys are treated; by default they are told and passed on, and looked for in events only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Who learns of them.
    pub course: KeyCourse,
    /// Whether they are looked for in the sound as well, where the peer agreed to no telephone events. This costs
    /// decoding, and speech is on rare occasions taken for a key: for those who are asked for keys.
    pub in_sound: bool,
}

/// Who learns of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyCourse {
    /// Whoever listens to the leg, without a [`Dtmf`](crate::MediaEvent::Dtmf) event.
    Forward,
    /// Nobody but who is told by the event. Keys in sound are heard by the listener all the same.
    Report,
    /// Both.
    Both,
}

impl Default for Keys {
    fn default() -> Self {
        Keys {
            course: KeyCourse::Both,
            in_sound: false,
        }
    }
}
