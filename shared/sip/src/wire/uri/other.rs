//! URIs of schemes that this crate does not know: kept, compared octet for octet, never followed.

use std::fmt;

use smol_str::SmolStr;

/// A URI of a scheme that this crate does not know.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherUri {
    text: SmolStr,
    scheme_len: usize,
}

impl OtherUri {
    /// The caller has found a scheme of this length, and visible ASCII behind it.
    pub(super) fn new(text: &str, scheme_len: usize) -> Self {
        OtherUri {
            text: SmolStr::new(text),
            scheme_len,
        }
    }

    /// The scheme as spelled.
    pub fn scheme(&self) -> &str {
        &self.text[..self.scheme_len]
    }

    /// The whole URI.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for OtherUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for OtherUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtherUri([personal])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_told_apart() {
        let uri = OtherUri::new("urn:service:sos", 3);
        assert_eq!((uri.scheme(), uri.as_str()), ("urn", "urn:service:sos"));
    }
}
