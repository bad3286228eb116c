//! Contact: where somebody can be reached directly (RFC 3261 §20.10, RFC 5626).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity, NameAddr};
use crate::wire::{
    error::Malformed,
    lex::{saturating_u32, trim},
    name::HeaderName,
};

/// Where somebody can be reached directly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Contact {
    /// `*`: every contact, in a REGISTER that removes them.
    All,
    /// One address.
    Address(NameAddr),
}

impl Contact {
    /// The contact with this address.
    pub fn new(address: impl Into<NameAddr>) -> Self {
        Contact::Address(address.into())
    }

    /// The address, unless it is `*`.
    pub fn address(&self) -> Option<&NameAddr> {
        match self {
            Contact::All => None,
            Contact::Address(address) => Some(address),
        }
    }

    /// For how many seconds it shall be registered; `None` where it does not say or cannot be read.
    pub fn expires(&self) -> Option<u32> {
        saturating_u32(self.param("expires")?.as_bytes()).ok()
    }

    /// Its preference in thousandths, 1000 where it does not say (RFC 3261 §16.6).
    pub fn q_thousandths(&self) -> u16 {
        self.param("q").and_then(thousandths).unwrap_or(1000)
    }

    /// Which device it is, the brackets included (RFC 5626 §4.1).
    pub fn instance(&self) -> Option<&str> {
        self.param("+sip.instance").filter(|instance| !instance.is_empty())
    }

    /// Which of the device's flows it is (RFC 5626 §4.2).
    pub fn reg_id(&self) -> Option<u32> {
        self.param("reg-id")?.parse().ok().filter(|id| *id > 0)
    }

    fn param(&self, name: &str) -> Option<&str> {
        self.address()?.params().get(name)
    }
}

/// `0` to `1` with up to three decimals.
fn thousandths(q: &str) -> Option<u16> {
    let (whole, decimals) = q.split_once('.').unwrap_or((q, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !matches!(whole, "0" | "1") || decimals.len() > 3 || !digits(decimals) {
        return None;
    }
    let parts: u16 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (parts <= 1000).then_some(parts)
}

impl Header for Contact {
    const NAME: HeaderName = HeaderName::Contact;
    const MULTIPLICITY: Multiplicity = Multiplicity::List;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        match trim(value) {
            b"*" => Ok(Contact::All),
            address => NameAddr::parse(address).map(Contact::Address),
        }
    }
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contact::All => f.write_str("*"),
            Contact::Address(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn what_every_softphone_sends_is_read() {
        let text = r#"<sip:x@y.invalid;transport=ws>;+sip.instance="<urn:uuid:1>";reg-id=1;expires=600;q=0.5"#;
        let contact = reads_as::<Contact>(text, text);
        assert_eq!((contact.instance(), contact.reg_id()), (Some("<urn:uuid:1>"), Some(1)));
        assert_eq!((contact.expires(), contact.q_thousandths()), (Some(600), 500));
    }

    #[test]
    fn a_star_stays_a_star() {
        assert_eq!(reads_as::<Contact>(" * ", "*"), Contact::All);
    }

    #[test]
    fn parameters_that_cannot_be_read_count_as_absent() {
        let contact = reads_as::<Contact>(
            "<sip:a@h>;q=1.1;expires=x;reg-id=0",
            "<sip:a@h>;q=1.1;expires=x;reg-id=0",
        );
        assert_eq!(
            (contact.q_thousandths(), contact.expires(), contact.reg_id()),
            (1000, None, None)
        );
        let long = reads_as::<Contact>("<sip:a@h>;expires=280297596632815", "<sip:a@h>;expires=280297596632815");
        assert_eq!(long.expires(), Some(u32::MAX));
    }
}
