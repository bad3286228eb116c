//! Who sends media to whom (RFC 3264 §5.1, RFC 8866 §6.7).

use serde::{Deserialize, Serialize};

/// The direction of a stream as seen by the side that says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Sends and receives; what a silent description means.
    #[default]
    SendRecv,
    /// Sends, does not want to receive: a holder that plays music.
    SendOnly,
    /// Receives, does not send: the answer of who is held.
    RecvOnly,
    /// Neither: a holder without music.
    Inactive,
}

impl Direction {
    /// The direction made of its two halves.
    pub const fn of(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }

    /// Whether the side that says it sends.
    pub const fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    /// Whether the side that says it wants to receive.
    pub const fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    /// The same stream as the other side sees it.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Direction::of(self.receives(), self.sends())
    }

    /// What both allow.
    #[must_use]
    pub const fn and(self, other: Direction) -> Self {
        Direction::of(self.sends() && other.sends(), self.receives() && other.receives())
    }

    /// The attribute's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_mirrors_the_offer_within_what_we_want() {
        use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
        assert_eq!(SendOnly.reversed(), RecvOnly);
        assert_eq!(SendRecv.reversed().and(SendOnly), SendOnly);
        assert_eq!(RecvOnly.reversed().and(RecvOnly), Inactive);
    }
}
