//! Allow: the methods that the sender serves (RFC 3261 §20.5).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Header, Multiplicity,
    support::{print_list, words},
};
use crate::wire::{error::Malformed, method::Method, name::HeaderName};

/// The methods that the sender serves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allow(Vec<Method>);

impl Allow {
    /// Whether the sender serves `method`.
    pub fn contains(&self, method: &Method) -> bool {
        self.0.contains(method)
    }

    /// The methods in order.
    pub fn iter(&self) -> impl Iterator<Item = &Method> {
        self.0.iter()
    }
}

impl FromIterator<Method> for Allow {
    fn from_iter<I: IntoIterator<Item = Method>>(methods: I) -> Self {
        Allow(methods.into_iter().collect())
    }
}

impl Header for Allow {
    const NAME: HeaderName = HeaderName::Allow;
    const MULTIPLICITY: Multiplicity = Multiplicity::Set;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        words(value, Method::from_bytes).map(Allow)
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print_list(f, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn methods_are_listed() {
        let allow = reads_as::<Allow>("INVITE,ACK , x-foo", "INVITE, ACK, x-foo");
        assert!(allow.contains(&Method::Ack) && !allow.contains(&Method::Bye));
    }
}
