//! Proxy-Authenticate: a proxy's challenge (RFC 3261 §20.27).

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};

use super::{Challenge, Header, Multiplicity};
use crate::wire::{error::Malformed, name::HeaderName};

/// A proxy's challenge, with a 407.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyAuthenticate(pub Challenge);

impl Deref for ProxyAuthenticate {
    type Target = Challenge;

    fn deref(&self) -> &Challenge {
        &self.0
    }
}

impl Header for ProxyAuthenticate {
    const NAME: HeaderName = HeaderName::ProxyAuthenticate;
    const MULTIPLICITY: Multiplicity = Multiplicity::Lines;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        Challenge::parse(value).map(ProxyAuthenticate)
    }
}

impl fmt::Display for ProxyAuthenticate {
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
        reads_as::<ProxyAuthenticate>(text, text);
    }
}
