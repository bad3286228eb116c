//! Words that may stand unquoted: the `token` of RFC 3261 §25.1.

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use thiserror::Error;

use super::lex::is_token;

/// A non-empty word of token characters; it can neither end a header line nor break out of one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Token(SmolStr);

/// The text is empty or has a character that no token may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a token")]
pub struct NotToken;

impl Token {
    /// The token with this spelling.
    pub fn new(text: impl AsRef<str>) -> Result<Self, NotToken> {
        Token::try_from(SmolStr::new(text))
    }

    /// Its spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn from_bytes(text: &[u8]) -> Result<Self, NotToken> {
        Token::new(std::str::from_utf8(text).map_err(|_| NotToken)?)
    }
}

impl TryFrom<SmolStr> for Token {
    type Error = NotToken;

    fn try_from(text: SmolStr) -> Result<Self, NotToken> {
        let valid = !text.is_empty() && text.bytes().all(is_token);
        if valid { Ok(Token(text)) } else { Err(NotToken) }
    }
}

impl From<Token> for SmolStr {
    fn from(token: Token) -> SmolStr {
        token.0
    }
}

impl Deref for Token {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_cannot_carry_a_line_end() {
        assert!(Token::new("replaces").is_ok());
        assert!(Token::new("!interesting-Method0123456789_*+`.%indeed'~").is_ok());
        for bad in ["", "a b", "a\r\nVia: x", "ü", "a\0", "a:b", "\"a\""] {
            assert_eq!(Token::new(bad), Err(NotToken));
        }
    }
}
