//! A whole session description (RFC 8866).

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::Pii;

use super::{Media, Origin, Section};

/// A session with its streams. Prints in the order and with the line ends that the RFC wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// `o=`
    pub origin: Origin,
    /// `s=`, `-` for none.
    pub name: Pii<SmolStr>,
    /// Everything above the first `m=`.
    pub session: Section,
    /// The streams; their order is part of the agreement.
    pub media: Vec<Media>,
}

impl Description {
    /// The body to send.
    pub fn to_bytes(&self) -> Bytes {
        Bytes::from(self.to_string())
    }

    /// Whether the two say the same, whoever made them and however often.
    pub(crate) fn says_the_same(&self, other: &Description) -> bool {
        (&self.name, &self.session, &self.media) == (&other.name, &other.session, &other.media)
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "v=0\r\no={}\r\ns={}\r\n{}",
            self.origin,
            self.name.expose(),
            self.session
        )?;
        self.media.iter().try_for_each(|media| media.fmt(f))
    }
}
