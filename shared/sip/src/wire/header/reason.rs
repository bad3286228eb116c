//! Reason: why a request or response was sent (RFC 3326).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity};
use crate::wire::{error::Malformed, lex::Cursor, name::HeaderName, params::Params, status::StatusCode, token::Token};

/// Why a request or response was sent, in the words of one protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    protocol: Token,
    params: Params,
}

impl Reason {
    /// A SIP status as the reason, as in `SIP;cause=200;text="Call completed elsewhere"`.
    pub fn sip(status: StatusCode, text: &str) -> Self {
        Reason::new("SIP", status.as_u16(), text)
    }

    /// An ISDN cause as the reason, as in `Q.850;cause=16`.
    pub fn q850(cause: u8, text: &str) -> Self {
        Reason::new("Q.850", u16::from(cause), text)
    }

    /// The protocol whose cause this is: `SIP`, `Q.850`, …
    pub fn protocol(&self) -> &str {
        &self.protocol
    }

    /// The cause, in the protocol's numbers.
    pub fn cause(&self) -> Option<u16> {
        self.params.get("cause")?.parse().ok()
    }

    /// The cause in words.
    pub fn text(&self) -> Option<&str> {
        self.params.get("text")
    }

    /// Whether this is a SIP reason with this status.
    pub fn is_sip(&self, status: StatusCode) -> bool {
        self.protocol.eq_ignore_ascii_case("SIP") && self.cause() == Some(status.as_u16())
    }

    fn new(protocol: &str, cause: u16, text: &str) -> Self {
        let mut params = Params::default();
        params.set("cause", cause.to_string());
        if !text.is_empty() {
            params.set_quoted("text", text);
        }
        Reason {
            protocol: Token::new(protocol).expect("the callers pass tokens"),
            params,
        }
    }
}

impl Header for Reason {
    const NAME: HeaderName = HeaderName::Reason;
    const MULTIPLICITY: Multiplicity = Multiplicity::List;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let protocol = Token::new(cursor.token()?).map_err(|_| Malformed::Syntax)?;
        Ok(Reason {
            protocol,
            params: Params::parse(&mut cursor)?,
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.protocol, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn says_why_in_numbers_and_words() {
        let text = "SIP;cause=200;text=\"Call completed elsewhere\"";
        let reason = reads_as::<Reason>("SIP ;cause=200 ;text=\"Call completed elsewhere\"", text);
        assert_eq!(reason, Reason::sip(StatusCode::OK, "Call completed elsewhere"));
        assert!(reason.is_sip(StatusCode::OK));
        assert_eq!(Reason::q850(16, "").to_string(), "Q.850;cause=16");
        refuses::<Reason>(&["", ";cause=1", "SIP;cause="]);
    }
}
