//! Accept: the kinds of body that the sender can read (RFC 3261 §20.1).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ContentType, Header, Multiplicity, support::print_list};
use crate::wire::{error::Malformed, lex::elements, name::HeaderName};

/// The kinds of body that the sender can read; none at all when empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept(Vec<ContentType>);

impl Accept {
    /// Whether a body of this kind, such as `application/sdp`, is welcome.
    pub fn accepts(&self, media_type: &str) -> bool {
        self.0.iter().any(|range| range.covers(media_type))
    }
}

impl FromIterator<ContentType> for Accept {
    fn from_iter<I: IntoIterator<Item = ContentType>>(ranges: I) -> Self {
        Accept(ranges.into_iter().collect())
    }
}

impl Header for Accept {
    const NAME: HeaderName = HeaderName::Accept;
    const MULTIPLICITY: Multiplicity = Multiplicity::Set;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        elements(value)
            .filter(|range| !range.is_empty())
            .map(ContentType::parse)
            .collect::<Result<_, _>>()
            .map(Accept)
    }
}

impl fmt::Display for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print_list(f, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn ranges_cover_types() {
        let accept = reads_as::<Accept>("application/sdp;level=1,\r\n text/*", "application/sdp;level=1, text/*");
        assert!(accept.accepts("Application/SDP") && accept.accepts("text/plain"));
        assert!(!accept.accepts("image/png") && !reads_as::<Accept>("", "").accepts("application/sdp"));
        assert!(reads_as::<Accept>("*/*", "*/*").accepts("image/png"));
    }
}
