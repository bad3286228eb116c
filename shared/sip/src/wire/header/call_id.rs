//! Call-ID: what all messages of a dialog or of a registration share (RFC 3261 §20.8).

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Header, Multiplicity};
use crate::wire::{error::Malformed, lex::trim, name::HeaderName};

/// What all messages of a dialog share; compared octet for octet.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct CallId(SmolStr);

impl CallId {
    /// The Call-ID with this spelling: visible ASCII.
    pub fn new(text: &str) -> Result<Self, Malformed> {
        CallId::try_from(SmolStr::new(text))
    }

    /// Its spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Header for CallId {
    const NAME: HeaderName = HeaderName::CallId;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        CallId::new(std::str::from_utf8(trim(value)).map_err(|_| Malformed::Syntax)?)
    }
}

impl TryFrom<SmolStr> for CallId {
    type Error = Malformed;

    fn try_from(text: SmolStr) -> Result<Self, Malformed> {
        let valid = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if valid {
            Ok(CallId(text))
        } else {
            Err(Malformed::Syntax)
        }
    }
}

impl From<CallId> for SmolStr {
    fn from(call_id: CallId) -> SmolStr {
        call_id.0
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallId([personal])")
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_visible_ascii() {
        let odd = r#"intmeth.word%ZK-!.*_+'@word`~)(><:\/"][?}{"#;
        reads_as::<CallId>(odd, odd);
        refuses::<CallId>(&["", "a b", "a\0", "ü"]);
    }
}
