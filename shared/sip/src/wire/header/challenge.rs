//! What a server asks for before it serves: a Digest challenge, or another scheme's text (RFC 3261 §20.44, RFC 7616 §3.3).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::credentials::{OtherScheme, read_digest};
use crate::wire::{error::Malformed, lex::Cursor, params::Params};

/// The value of WWW-Authenticate and Proxy-Authenticate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Challenge {
    /// Digest.
    Digest(DigestChallenge),
    /// Any other scheme.
    Other(OtherScheme),
}

/// The parameters of a Digest challenge, none of them repeated; absent ones read as `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestChallenge {
    pub(crate) params: Params,
}

impl Challenge {
    /// The Digest parameters, unless the scheme is another.
    pub fn as_digest(&self) -> Option<&DigestChallenge> {
        match self {
            Challenge::Digest(digest) => Some(digest),
            Challenge::Other(_) => None,
        }
    }

    pub(super) fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let scheme = cursor.token()?;
        if scheme.eq_ignore_ascii_case("Digest") {
            return read_digest(&mut cursor).map(|params| Challenge::Digest(DigestChallenge { params }));
        }
        OtherScheme::parse(scheme, &cursor).map(Challenge::Other)
    }
}

impl DigestChallenge {
    /// Where the password holds.
    pub fn realm(&self) -> Option<&str> {
        self.params.get("realm")
    }

    /// What the proof has to contain.
    pub fn nonce(&self) -> Option<&str> {
        self.params.get("nonce")
    }

    /// What the server wants back.
    pub fn opaque(&self) -> Option<&str> {
        self.params.get("opaque")
    }

    /// The algorithm's name; absent means MD5.
    pub fn algorithm(&self) -> Option<&str> {
        self.params.get("algorithm")
    }

    /// Whether only the nonce was too old, so that the same password may be tried again.
    pub fn is_stale(&self) -> bool {
        self.params
            .get("stale")
            .is_some_and(|stale| stale.eq_ignore_ascii_case("true"))
    }

    /// Whether this quality of protection is offered.
    pub fn offers_qop(&self, qop: &str) -> bool {
        self.params
            .get("qop")
            .is_some_and(|offered| offered.split(',').any(|o| o.trim().eq_ignore_ascii_case(qop)))
    }

    /// Whether any quality of protection is offered; without, RFC 2069 applies.
    pub fn has_qop(&self) -> bool {
        self.params.contains("qop")
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Challenge::Digest(digest) => {
                f.write_str("Digest ")?;
                digest.params.fmt_commas(f)
            }
            Challenge::Other(other) => other.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_challenge_is_read() {
        let text = r#"Digest realm="a", nonce="b", qop="auth, auth-int", stale=TRUE, algorithm=SHA-256"#;
        let challenge = Challenge::parse(text.as_bytes()).unwrap();
        assert_eq!(challenge.to_string(), text);
        let digest = challenge.as_digest().unwrap();
        assert!(digest.is_stale() && digest.offers_qop("auth") && !digest.offers_qop("x"));
        assert_eq!(digest.algorithm(), Some("SHA-256"));
    }
}
