//! Privacy: what a caller wants kept back (RFC 3323 §4.2, RFC 3325 §9.3).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity};
use crate::wire::{error::Malformed, lex::trim, name::HeaderName, token::Token};

/// What a caller wants kept back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy(Vec<Token>);

impl Privacy {
    /// Whether this kind of privacy (`id`, `header`, `session`, `user`, `none`, `critical`) is asked for.
    pub fn contains(&self, kind: &str) -> bool {
        self.0.iter().any(|other| other.eq_ignore_ascii_case(kind))
    }

    /// Whether the caller's identity must not be shown.
    pub fn hides_identity(&self) -> bool {
        !self.contains("none") && ["id", "user", "header"].iter().any(|kind| self.contains(kind))
    }
}

impl FromIterator<Token> for Privacy {
    fn from_iter<I: IntoIterator<Item = Token>>(kinds: I) -> Self {
        Privacy(kinds.into_iter().collect())
    }
}

impl Header for Privacy {
    const NAME: HeaderName = HeaderName::Privacy;
    const MULTIPLICITY: Multiplicity = Multiplicity::Set;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        value
            .split(|b| matches!(b, b';' | b','))
            .map(|kind| Token::from_bytes(trim(kind)).map_err(|_| Malformed::Syntax))
            .collect::<Result<_, _>>()
            .map(Privacy)
    }
}

impl fmt::Display for Privacy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(position, kind)| {
            f.write_str(if position == 0 { "" } else { ";" })?;
            kind.fmt(f)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn semicolons_separate_and_commas_too() {
        assert!(reads_as::<Privacy>("ID ; critical", "ID;critical").hides_identity());
        assert!(reads_as::<Privacy>("header,user", "header;user").contains("user"));
        assert!(!reads_as::<Privacy>("none", "none").hides_identity());
        refuses::<Privacy>(&["", "a b", ";"]);
    }
}
