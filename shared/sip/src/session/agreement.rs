//! What a complete exchange of offer and answer came to (RFC 3264).

use serde::{Deserialize, Serialize};

use super::Sdp;

/// The two descriptions of the last complete exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agreement {
    /// What we said.
    pub(super) local: Sdp,
    /// What the other side said.
    pub(super) remote: Sdp,
    /// Who gave the answer.
    pub(super) answerer: Side,
}

/// One of the two ends of a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Side {
    Us,
    Them,
}

impl Agreement {
    /// The other side answered our offer `local`.
    pub(super) fn by_them(local: Sdp, remote: Sdp) -> Self {
        let answerer = Side::Them;
        Agreement {
            local,
            remote,
            answerer,
        }
    }

    /// We answered the other side's offer `remote` with `local`.
    pub(super) fn by_us(local: Sdp, remote: Sdp) -> Self {
        let answerer = Side::Us;
        Agreement {
            local,
            remote,
            answerer,
        }
    }
}
