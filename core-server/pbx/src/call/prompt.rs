//! What the exchange lets a leg hear; the shell knows how it sounds.

use serde::{Deserialize, Serialize};

use wigwag_model::HangupCause;

use crate::routing::{Change, Saying};

/// Something to hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prompt {
    /// That it rings at the other end, until that stops.
    Ringback,
    /// Music, until that stops.
    HoldMusic,
    /// What a star code has to say.
    Say(Saying),
    /// That a PIN is wanted.
    EnterPin,
    /// That the PIN was wrong, and is wanted again.
    WrongPin,
    /// That something has been changed.
    Changed(Change),
    /// That something has not been changed.
    NotChanged(NotChanged),
    /// Where one is parked, and music.
    ParkedAt(u8),
    /// That nobody answers, and why.
    NobodyAnswers(HangupCause),
    /// That a call waits for a key to be accepted (S087).
    Screening,
}

/// Why a star code has changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotChanged {
    /// The PIN was wrong too often, here or before (A27).
    PinLocked,
    /// Nothing was pressed in time.
    TooLate,
    /// The company's configuration does not allow it any more.
    Refused,
    /// It could not be stored.
    Failed,
}
