//! Content-Type: what kind of body a message has (RFC 3261 §20.15).

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Header, Multiplicity};
use crate::wire::{
    error::Malformed,
    lex::{Cursor, concat},
    name::HeaderName,
    params::Params,
};

/// A media type with parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentType {
    media_type: SmolStr,
    params: Params,
}

impl ContentType {
    /// The type with this name, such as `application/sdp`.
    pub fn new(media_type: &str) -> Result<Self, Malformed> {
        ContentType::parse(media_type.as_bytes())
    }

    /// Type and subtype as spelled, without parameters.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Whether type and subtype are these, in any case.
    pub fn is(&self, media_type: &str) -> bool {
        self.media_type.eq_ignore_ascii_case(media_type)
    }

    /// The parameters.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Whether this, as a range with `*`, covers `media_type`.
    pub(super) fn covers(&self, media_type: &str) -> bool {
        let prefix = match self.media_type.as_str() {
            "*/*" => return true,
            range => range.strip_suffix('*'),
        };
        match prefix {
            Some(prefix) => media_type
                .get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
            None => self.is(media_type),
        }
    }
}

impl Header for ContentType {
    const NAME: HeaderName = HeaderName::ContentType;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let main = cursor.token()?;
        cursor.expect(b'/')?;
        let sub = cursor.token()?;
        Ok(ContentType {
            media_type: concat([main, "/", sub]),
            params: Params::parse(&mut cursor)?,
        })
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.media_type, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn types_are_compared_without_case() {
        let text = "multipart/mixed;boundary=\"a b\"";
        let content_type = reads_as::<ContentType>("multipart / mixed ; boundary=\"a b\"", text);
        assert!(content_type.is("Multipart/Mixed"));
        assert_eq!(content_type.params().get("boundary"), Some("a b"));
        refuses::<ContentType>(&["", "text", "text/", "/x", "a/b c"]);
    }
}
