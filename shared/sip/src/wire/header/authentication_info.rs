//! Authentication-Info: the server's proof, and its next nonce (RFC 3261 §20.6, RFC 7616 §3.5).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity, credentials::read_digest};
use crate::wire::{error::Malformed, lex::Cursor, name::HeaderName, params::Params};

/// What a server says after it has accepted Digest credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationInfo(Params);

impl AuthenticationInfo {
    /// The header that asks for another nonce next time.
    pub fn next_nonce(nonce: &str) -> Self {
        let mut params = Params::default();
        params.set_quoted("nextnonce", nonce);
        AuthenticationInfo(params)
    }

    /// The parameters: `nextnonce`, `rspauth`, `qop`, `cnonce`, `nc`.
    pub fn params(&self) -> &Params {
        &self.0
    }
}

impl Header for AuthenticationInfo {
    const NAME: HeaderName = HeaderName::AuthenticationInfo;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        read_digest(&mut Cursor::new(value)).map(AuthenticationInfo)
    }
}

impl fmt::Display for AuthenticationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_commas(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn keeps_its_spelling() {
        let info = reads_as::<AuthenticationInfo>("nextnonce=\"a\" , nc=00000001", "nextnonce=\"a\", nc=00000001");
        assert_eq!(info.params().get("nextnonce"), Some("a"));
    }
}
