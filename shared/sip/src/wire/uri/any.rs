//! Any URI, told apart by its scheme (RFC 3261 §19.1, RFC 3986 §3.1).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{
    other::OtherUri,
    sip::{Scheme, SipUri},
    tel::TelUri,
};
use crate::wire::{error::Malformed, host::Host, lex::split_once};

/// An address of something; printed as it was read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "String")]
pub enum Uri {
    /// `sip:` or `sips:`
    Sip(SipUri),
    /// `tel:`
    Tel(TelUri),
    /// Any other scheme, kept as text.
    Other(OtherUri),
}

impl Uri {
    /// Reads a URI; there must be nothing around it.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (scheme, rest) = split_once(text, b':').ok_or(Malformed::Uri)?;
        if !is_scheme(scheme)
            || !rest
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"'))
        {
            return Err(Malformed::Uri);
        }
        if scheme.eq_ignore_ascii_case("sip") {
            SipUri::parse(Scheme::Sip, rest).map(Uri::Sip)
        } else if scheme.eq_ignore_ascii_case("sips") {
            SipUri::parse(Scheme::Sips, rest).map(Uri::Sip)
        } else if scheme.eq_ignore_ascii_case("tel") {
            TelUri::parse(rest).map(Uri::Tel)
        } else if rest.is_empty() {
            Err(Malformed::Uri)
        } else {
            Ok(Uri::Other(OtherUri::new(text, scheme.len())))
        }
    }

    /// The SIP or SIPS URI, if it is one.
    pub fn as_sip(&self) -> Option<&SipUri> {
        match self {
            Uri::Sip(uri) => Some(uri),
            Uri::Tel(_) | Uri::Other(_) => None,
        }
    }

    /// The user part, unescaped; of a tel URI the number.
    pub fn user(&self) -> Option<SmolStr> {
        match self {
            Uri::Sip(uri) => uri.user(),
            Uri::Tel(uri) => Some(SmolStr::new(uri.number())),
            Uri::Other(_) => None,
        }
    }

    /// The host of a SIP URI.
    pub fn host(&self) -> Option<&Host> {
        self.as_sip().map(SipUri::host)
    }

    /// The port that a SIP URI names.
    pub fn port(&self) -> Option<u16> {
        self.as_sip().and_then(SipUri::port)
    }

    /// The value of this URI parameter as spelled, empty where it has none.
    pub fn param(&self, name: &str) -> Option<&str> {
        match self {
            Uri::Sip(uri) => uri.params().get(name),
            Uri::Tel(uri) => uri.params().get(name),
            Uri::Other(_) => None,
        }
    }

    /// Whether both name the same thing (RFC 3261 §19.1.4); this is not transitive, and so not `==`.
    pub fn is_equivalent(&self, other: &Uri) -> bool {
        match (self, other) {
            (Uri::Sip(a), Uri::Sip(b)) => a.is_equivalent(b),
            (Uri::Tel(a), Uri::Tel(b)) => a.is_equivalent(b),
            (Uri::Other(a), Uri::Other(b)) => a == b,
            (Uri::Sip(_) | Uri::Tel(_) | Uri::Other(_), _) => false,
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

impl From<SipUri> for Uri {
    fn from(uri: SipUri) -> Uri {
        Uri::Sip(uri)
    }
}

impl From<TelUri> for Uri {
    fn from(uri: TelUri) -> Uri {
        Uri::Tel(uri)
    }
}

impl FromStr for Uri {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        Uri::parse(text)
    }
}

impl TryFrom<SmolStr> for Uri {
    type Error = Malformed;

    fn try_from(text: SmolStr) -> Result<Self, Malformed> {
        Uri::parse(&text)
    }
}

impl From<Uri> for String {
    fn from(uri: Uri) -> String {
        uri.to_string()
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Uri::Sip(uri) => uri.fmt(f),
            Uri::Tel(uri) => uri.fmt(f),
            Uri::Other(uri) => uri.fmt(f),
        }
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Uri([personal])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_prints_as_it_was_read() {
        for text in [
            "sip:example.com",
            "sips:alice:secret@[2001:db8::1]:5061;transport=tcp;lr?Subject=x&Priority=y",
            "sip:sips%3Auser%40example.com@example.net",
            "sip:user;par=u%40example.net@example.com",
            "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
            "sip:null-%00-null@example.com",
            "sip:#21#@pbx",
            "tel:+44-20-7946-0000;ext=12",
            "urn:service:sos",
            "soap.beep://192.0.2.103:3002",
        ] {
            assert_eq!(Uri::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for text in [
            "",
            "sip:",
            "sip:@h",
            "sip:a@",
            "sip:a b@h",
            "sip:a@h:x",
            "sip:a@h:70000",
            "sip:a@h;",
            "sip:a@h;=x",
            "sip:a@b@c",
            "sip:a%2@h",
            "<sip:a@h>",
            "sip:a@h>",
            "tel:",
            "tel:abc@x",
            "1x:y",
            "no-colon",
            "sip:a\r\nVia@h",
        ] {
            assert_eq!(Uri::parse(text), Err(Malformed::Uri), "{text}");
        }
    }

    #[test]
    fn debug_output_tells_nothing_personal() {
        assert_eq!(format!("{:?}", Uri::parse("sip:alice@h").unwrap()), "Uri([personal])");
    }
}
