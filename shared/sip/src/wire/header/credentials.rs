//! What authorises a request: Digest parameters, or another scheme's text (RFC 3261 §20.7, RFC 7616 §3.4).

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::wire::{
    error::Malformed,
    lex::{Cursor, text, trim},
    params::Params,
    token::Token,
};

/// The value of Authorization and Proxy-Authorization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Credentials {
    /// Digest.
    Digest(DigestCredentials),
    /// Any other scheme, such as Bearer.
    Other(OtherScheme),
}

/// A scheme that this crate does not know, with its text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherScheme {
    scheme: Token,
    value: SmolStr,
}

/// The parameters of Digest credentials, none of them repeated; absent ones read as `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestCredentials {
    pub(crate) params: Params,
}

impl Credentials {
    /// The Digest parameters, unless the scheme is another.
    pub fn as_digest(&self) -> Option<&DigestCredentials> {
        match self {
            Credentials::Digest(digest) => Some(digest),
            Credentials::Other(_) => None,
        }
    }

    pub(super) fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let scheme = cursor.token()?;
        if scheme.eq_ignore_ascii_case("Digest") {
            return read_digest(&mut cursor).map(|params| Credentials::Digest(DigestCredentials { params }));
        }
        OtherScheme::parse(scheme, &cursor).map(Credentials::Other)
    }
}

impl OtherScheme {
    /// The name of the scheme.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Everything behind the name: a secret, as a rule.
    pub fn value(&self) -> &str {
        &self.value
    }

    pub(super) fn parse(scheme: &str, cursor: &Cursor<'_>) -> Result<Self, Malformed> {
        let scheme = Token::new(scheme).map_err(|_| Malformed::Syntax)?;
        Ok(OtherScheme {
            scheme,
            value: text(trim(cursor.rest())),
        })
    }
}

/// Reads the parameters of a Digest value; one that is repeated could be read in two ways and is refused.
pub(super) fn read_digest(cursor: &mut Cursor<'_>) -> Result<Params, Malformed> {
    cursor.skip_lws();
    let params = Params::parse_commas(cursor)?;
    let repeated = params.iter().enumerate().any(|(position, (name, _))| {
        params
            .iter()
            .take(position)
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
    });
    if repeated { Err(Malformed::Syntax) } else { Ok(params) }
}

impl DigestCredentials {
    /// Who.
    pub fn username(&self) -> Option<&str> {
        self.params.get("username")
    }

    /// Where.
    pub fn realm(&self) -> Option<&str> {
        self.params.get("realm")
    }

    /// The server's nonce.
    pub fn nonce(&self) -> Option<&str> {
        self.params.get("nonce")
    }

    /// The Request-URI that was authorised.
    pub fn uri(&self) -> Option<&str> {
        self.params.get("uri")
    }

    /// The proof, in hexadecimal digits.
    pub fn response(&self) -> Option<&str> {
        self.params.get("response")
    }

    /// The algorithm's name, as sent.
    pub fn algorithm(&self) -> Option<&str> {
        self.params.get("algorithm")
    }

    /// The quality of protection, as sent.
    pub fn qop(&self) -> Option<&str> {
        self.params.get("qop")
    }

    /// The client's nonce.
    pub fn cnonce(&self) -> Option<&str> {
        self.params.get("cnonce")
    }

    /// How often the nonce has been used, as sent: eight hexadecimal digits.
    pub fn nc(&self) -> Option<&str> {
        self.params.get("nc")
    }

    /// What the server wanted back.
    pub fn opaque(&self) -> Option<&str> {
        self.params.get("opaque")
    }
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::Digest(digest) => {
                f.write_str("Digest ")?;
                digest.params.fmt_commas(f)
            }
            Credentials::Other(other) => other.fmt(f),
        }
    }
}

impl fmt::Display for OtherScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.scheme, self.value)
    }
}

impl fmt::Debug for OtherScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [secret]", self.scheme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameter_is_refused() {
        assert!(Credentials::parse(br#"Digest username="a", realm="r", USERNAME="b""#).is_err());
        assert!(Credentials::parse(b"Digest").is_err());
        assert!(Credentials::parse(b"Digest username=\"a").is_err());
    }

    #[test]
    fn another_scheme_keeps_its_text() {
        let bearer = Credentials::parse(b"Bearer abc.def==").unwrap();
        assert_eq!(bearer.to_string(), "Bearer abc.def==");
        assert_eq!(format!("{bearer:?}"), "Other(Bearer [secret])");
        assert!(bearer.as_digest().is_none());
    }
}
