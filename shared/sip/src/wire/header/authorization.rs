//! Authorization: who asks, proven to a server (RFC 3261 §20.7).

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};

use super::{Credentials, Header, Multiplicity};
use crate::wire::{error::Malformed, name::HeaderName};

/// Who asks, proven to a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization(pub Credentials);

impl Deref for Authorization {
    type Target = Credentials;

    fn deref(&self) -> &Credentials {
        &self.0
    }
}

impl Header for Authorization {
    const NAME: HeaderName = HeaderName::Authorization;
    const MULTIPLICITY: Multiplicity = Multiplicity::Lines;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        Credentials::parse(value).map(Authorization)
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn keeps_its_spelling() {
        let text = r#"Digest username="a \"b\"", realm="r", nonce="n", uri="sip:h", response="0", qop=auth, nc=00000001, cnonce="c""#;
        reads_as::<Authorization>(text, text);
    }
}
