//! What is shown of an extension (decisions A48).

use serde::{Deserialize, Serialize};
use wigwag_model::{CallId, Party};

/// What is shown of an extension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionState {
    /// All in one word.
    pub presence: Presence,
    /// Its calls, oldest first.
    pub calls: Vec<WatchedCall>,
    /// The messages in its mailbox, if it has one.
    pub messages: Option<Messages>,
}

/// An extension in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// No phone is connected.
    #[default]
    Unknown,
    /// Neither on a call nor ringing.
    Free,
    /// It rings, and is on no call.
    Ringing,
    /// It is on a call, or dials.
    Busy,
    /// It wants no calls, and has none.
    DoNotDisturb,
}

/// One call of an extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedCall {
    /// The call.
    pub call_id: CallId,
    /// How far it has come.
    pub stage: CallStage,
    /// Whether the extension began it.
    pub is_outgoing: bool,
    /// The other side, as far as known.
    pub peer: Option<Party>,
}

/// How far a call has come, for one of its extensions; later stages win where several phones take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallStage {
    /// Its phones ring.
    Ringing,
    /// It calls somebody who has not answered.
    Dialling,
    /// It talks.
    Talking,
}

/// The messages in a mailbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messages {
    /// Not heard yet.
    pub new: u32,
    /// Heard and kept.
    pub old: u32,
}

impl Presence {
    /// The words that people read.
    pub const fn words(self) -> &'static str {
        match self {
            Presence::Unknown => "Not connected",
            Presence::Free => "Free",
            Presence::Ringing => "Ringing",
            Presence::Busy => "On a call",
            Presence::DoNotDisturb => "Do not disturb",
        }
    }
}
