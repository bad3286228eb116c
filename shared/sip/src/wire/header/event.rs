//! Event: which package a subscription is about (RFC 6665 §8.2.1).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity};
use crate::wire::{error::Malformed, lex::Cursor, name::HeaderName, params::Params, token::Token};

/// An event package, such as `dialog` or `message-summary`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    package: Token,
    params: Params,
}

impl Event {
    /// The header for this package.
    pub fn new(package: Token) -> Self {
        Event {
            package,
            params: Params::default(),
        }
    }

    /// With an id, which tells subscriptions of one dialog apart.
    #[must_use]
    pub fn with_id(mut self, id: &str) -> Self {
        self.params.set("id", id);
        self
    }

    /// The package, templates included; it is case-sensitive.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// The id.
    pub fn id(&self) -> Option<&str> {
        self.params.get("id")
    }

    /// The parameters.
    pub fn params(&self) -> &Params {
        &self.params
    }
}

impl Header for Event {
    const NAME: HeaderName = HeaderName::Event;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let package = Token::new(cursor.token()?).map_err(|_| Malformed::Syntax)?;
        Ok(Event {
            package,
            params: Params::parse(&mut cursor)?,
        })
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.package, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn a_package_may_have_an_id() {
        let event = reads_as::<Event>("refer ; id=93809824", "refer;id=93809824");
        assert_eq!((event.package(), event.id()), ("refer", Some("93809824")));
        refuses::<Event>(&["", ";id=1", "a b"]);
    }
}
