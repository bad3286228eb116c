//! The names of legs and rooms.

use serde::{Deserialize, Serialize};

/// Names one leg for commands and events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LegKey {
    /// The call, by whatever number its owner gave it; not used for placement.
    pub call: u64,
    /// The leg within the call.
    pub leg: u16,
}

/// Names one room, by whatever number its owner gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RoomKey(pub u64);
