//! What the session and each of its media have in common: a connection, attributes, and lines we only keep.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::Pii;

use super::{Address, Attribute, Crypto, Direction};

/// The lines below `s=` or below one `m=`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// `c=`
    pub connection: Option<Address>,
    /// Every other line but `a=`, in the order of RFC 8866 §5.
    pub lines: Vec<Line>,
    /// `a=`, in the order received.
    pub attributes: Vec<Attribute>,
}

/// A line that is kept as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The letter before the equals sign.
    pub kind: char,
    /// What follows it: often an address or a number to reach somebody.
    pub value: Pii<SmolStr>,
}

impl Section {
    /// The last direction said here, if any.
    pub fn direction(&self) -> Option<Direction> {
        let said = |attribute: &Attribute| {
            if let Attribute::Direction(direction) = attribute {
                Some(*direction)
            } else {
                None
            }
        };
        self.attributes.iter().rev().find_map(said)
    }

    /// Whether RTCP may share the RTP port.
    pub fn rtcp_mux(&self) -> bool {
        self.attributes.contains(&Attribute::RtcpMux)
    }

    /// The lines of SRTP suites that we know, in the order of preference.
    pub fn cryptos(&self) -> impl Iterator<Item = &Crypto> {
        self.attributes.iter().filter_map(|attribute| {
            if let Attribute::Crypto(crypto) = attribute {
                Some(crypto)
            } else {
                None
            }
        })
    }

    /// Whether addresses come from ICE, so that `c=0.0.0.0` does not mean hold.
    pub fn uses_ice(&self) -> bool {
        let is_ufrag = |attribute: &Attribute| matches!(attribute, Attribute::IceUfrag(_));
        self.attributes.iter().any(is_ufrag)
    }

    /// Whether an `a=rtpmap` says what the payload type is.
    pub(crate) fn names(&self, number: u8) -> bool {
        let is_name = |attribute: &Attribute| {
            if let Attribute::RtpMap { payload_type, .. } = attribute {
                *payload_type == number
            } else {
                false
            }
        };
        self.attributes.iter().any(is_name)
    }

    pub(crate) fn sort_lines(&mut self) {
        self.lines.sort_by_key(|line| rank(line.kind));
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let above_connection = self.lines.partition_point(|line| rank(line.kind) < CONNECTION_RANK);
        for Line { kind, value } in &self.lines[..above_connection] {
            write!(f, "{kind}={}\r\n", value.expose())?;
        }
        if let Some(address) = &self.connection {
            write!(f, "c={address}\r\n")?;
        }
        for Line { kind, value } in &self.lines[above_connection..] {
            write!(f, "{kind}={}\r\n", value.expose())?;
        }
        self.attributes
            .iter()
            .try_for_each(|attribute| write!(f, "a={attribute}\r\n"))
    }
}

const CONNECTION_RANK: u8 = 4;

/// The place of a line in a section (RFC 8866 §5); times, repeats and zones belong together.
fn rank(kind: char) -> u8 {
    match kind {
        'i' => 0,
        'u' => 1,
        'e' => 2,
        'p' => 3,
        'c' => CONNECTION_RANK,
        'b' => 5,
        't' | 'r' | 'z' => 6,
        'k' => 7,
        _ => 8,
    }
}
