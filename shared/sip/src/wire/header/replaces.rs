//! Replaces: the dialog whose place an INVITE takes (RFC 3891).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CallId, Header, Multiplicity};
use crate::wire::{error::Malformed, lex::Cursor, name::HeaderName, params::Params};

/// The dialog whose place an INVITE takes, as its recipient sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaces {
    call_id: CallId,
    params: Params,
}

impl Replaces {
    /// The header that names this dialog; `to_tag` is the recipient's own.
    pub fn new(call_id: CallId, to_tag: &str, from_tag: &str) -> Self {
        let mut params = Params::default();
        params.set("to-tag", to_tag);
        params.set("from-tag", from_tag);
        Replaces { call_id, params }
    }

    /// The dialog's Call-ID.
    pub fn call_id(&self) -> &CallId {
        &self.call_id
    }

    /// The tag of the header's recipient.
    pub fn to_tag(&self) -> &str {
        self.params.get("to-tag").unwrap_or_default()
    }

    /// The tag of the recipient's peer.
    pub fn from_tag(&self) -> &str {
        self.params.get("from-tag").unwrap_or_default()
    }

    /// Whether only a call that is not answered yet may be replaced.
    pub fn is_early_only(&self) -> bool {
        self.params.contains("early-only")
    }
}

impl Header for Replaces {
    const NAME: HeaderName = HeaderName::Replaces;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        let call_id = CallId::parse(cursor.take_while(|b| b != b';'))?;
        let params = Params::parse(&mut cursor)?;
        let replaces = Replaces { call_id, params };
        if replaces.to_tag().is_empty() || replaces.from_tag().is_empty() {
            return Err(Malformed::Syntax);
        }
        Ok(replaces)
    }
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.call_id, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn names_a_dialog() {
        let replaces = reads_as::<Replaces>(
            "a@h ;from-tag=f;to-tag=t ; early-only",
            "a@h;from-tag=f;to-tag=t;early-only",
        );
        assert_eq!(
            (replaces.call_id().as_str(), replaces.to_tag(), replaces.from_tag()),
            ("a@h", "t", "f")
        );
        assert!(replaces.is_early_only());
        refuses::<Replaces>(&["", "a@h", "a@h;to-tag=1", ";to-tag=1;from-tag=2"]);
    }
}
