//! WWW-Authenticate: a server's challenge (RFC 3261 §20.44).

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};

use super::{Challenge, Header, Multiplicity};
use crate::wire::{error::Malformed, name::HeaderName};

/// A server's challenge, with a 401.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WwwAuthenticate(pub Challenge);

impl Deref for WwwAuthenticate {
    type Target = Challenge;

    fn deref(&self) -> &Challenge {
        &self.0
    }
}

impl Header for WwwAuthenticate {
    const NAME: HeaderName = HeaderName::WwwAuthenticate;
    const MULTIPLICITY: Multiplicity = Multiplicity::Lines;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        Challenge::parse(value).map(WwwAuthenticate)
    }
}

impl fmt::Display for WwwAuthenticate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn keeps_its_spelling() {
        let text = r#"Digest realm="r", nonce="n", algorithm=MD5, qop="auth""#;
        reads_as::<WwwAuthenticate>(text, text);
    }
}
