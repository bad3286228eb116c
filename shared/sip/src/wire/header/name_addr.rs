//! An address with an optional name and parameters: `"Bob" <sip:bob@h>;tag=1` (RFC 3261 §20.10, §25.1).

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::wire::{
    error::Malformed,
    lex::{Cursor, Quoted, text, trim},
    params::Params,
    uri::{SipUri, Uri},
};

/// A display name, a URI and header parameters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameAddr {
    display: Option<SmolStr>,
    uri: Uri,
    params: Params,
}

impl NameAddr {
    /// The address alone.
    pub fn new(uri: impl Into<Uri>) -> Self {
        NameAddr {
            display: None,
            uri: uri.into(),
            params: Params::default(),
        }
    }

    /// With this name; an empty one counts as none.
    #[must_use]
    pub fn with_display(mut self, name: &str) -> Self {
        self.display = Some(name).filter(|name| !name.is_empty()).map(SmolStr::new);
        self
    }

    /// With this tag in place of any other.
    #[must_use]
    pub fn with_tag(self, tag: &str) -> Self {
        self.with_param("tag", tag)
    }

    /// With this header parameter in place of any of its name.
    #[must_use]
    pub fn with_param(mut self, name: &str, value: &str) -> Self {
        self.params.set(name, value);
        self
    }

    /// Without any header parameter.
    #[must_use]
    pub fn without_params(mut self) -> Self {
        self.params = Params::default();
        self
    }

    /// The display name.
    pub fn display(&self) -> Option<&str> {
        self.display.as_deref()
    }

    /// The URI.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The header parameters.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// The header parameters, to be changed.
    pub fn params_mut(&mut self) -> &mut Params {
        &mut self.params
    }

    /// The tag, of From and To.
    pub fn tag(&self) -> Option<&str> {
        self.params.get("tag")
    }

    /// Reads one address; there must be nothing around it.
    pub fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let value = trim(value);
        let mut cursor = Cursor::new(value);
        let display = match value.iter().position(|b| matches!(b, b'"' | b'<' | b';')) {
            Some(0) if value[0] == b'"' => {
                let name = cursor.quoted()?;
                cursor.skip_lws();
                Some(name)
            }
            Some(bracket) if value[bracket] == b'<' => Some(text(trim(cursor.advance(bracket)))),
            Some(_) | None => return NameAddr::parse_bare(cursor),
        };
        let rest = cursor.rest();
        let close = memchr::memchr(b'>', rest).ok_or(Malformed::Syntax)?;
        let Some((b'<', inside)) = cursor.advance(close + 1).split_first() else {
            return Err(Malformed::Syntax);
        };
        Ok(NameAddr {
            display: display.filter(|name| !name.is_empty()),
            uri: parse_uri(&inside[..close - 1])?,
            params: Params::parse(&mut cursor)?,
        })
    }

    /// Without brackets, parameters belong to the header, and commas and question marks need brackets.
    fn parse_bare(mut cursor: Cursor<'_>) -> Result<Self, Malformed> {
        let uri = trim(cursor.take_while(|b| b != b';'));
        if uri.iter().any(|b| matches!(b, b',' | b'?')) {
            return Err(Malformed::Uri);
        }
        Ok(NameAddr {
            display: None,
            uri: parse_uri(uri)?,
            params: Params::parse(&mut cursor)?,
        })
    }
}

fn parse_uri(octets: &[u8]) -> Result<Uri, Malformed> {
    Uri::parse(std::str::from_utf8(octets).map_err(|_| Malformed::Uri)?)
}

impl From<Uri> for NameAddr {
    fn from(uri: Uri) -> NameAddr {
        NameAddr::new(uri)
    }
}

impl From<SipUri> for NameAddr {
    fn from(uri: SipUri) -> NameAddr {
        NameAddr::new(uri)
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.display {
            write!(f, "{} ", Quoted(name))?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

impl fmt::Debug for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameAddr([personal])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> NameAddr {
        NameAddr::parse(text.as_bytes()).expect(text)
    }

    #[test]
    fn all_spellings_of_everyday_traffic_are_read() {
        for (text, display, printed) in [
            ("sip:a@h;tag=1", None, "<sip:a@h>;tag=1"),
            ("<sip:a@h;lr>;tag=1", None, "<sip:a@h;lr>;tag=1"),
            ("<tel:+442079460000>", None, "<tel:+442079460000>"),
            ("A. Bell <sip:a@h>", Some("A. Bell"), "\"A. Bell\" <sip:a@h>"),
            ("caller<sip:a@h>", Some("caller"), "\"caller\" <sip:a@h>"),
            ("\"\"<sip:a@h>", None, "<sip:a@h>"),
            (
                r#""Doe, J; \"x\" <y>" <sip:a@[2001:db8::1]:5061>;x="<;>""#,
                Some(r#"Doe, J; "x" <y>"#),
                r#""Doe, J; \"x\" <y>" <sip:a@[2001:db8::1]:5061>;x="<;>""#,
            ),
            (
                "\r\n \"J\" \r\n <sip:a@h>\r\n ; tag = 1",
                Some("J"),
                "\"J\" <sip:a@h>;tag=1",
            ),
            ("\"%Z%45\" <sip:a@h>", Some("%Z%45"), "\"%Z%45\" <sip:a@h>"),
        ] {
            let address = read(text);
            assert_eq!(address.display(), display, "{text}");
            assert_eq!(address.to_string(), printed);
            assert_eq!(read(printed), address);
        }
        let latin = NameAddr::parse(b"\"J\xfcrgen\" <sip:a@h>").unwrap();
        assert_eq!(latin.display(), Some("Jürgen"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "*",
            "\"Mr. J. User <sip:a@h>",
            "\"W\" < sip:a@h >",
            "sip:a@h?Route=%3Csip:b%3E",
            "<sip:a@h",
            "<sip:a@h>x",
            "<sip:a@h>;;;;",
            "<>",
            "\"x\" sip:a@h",
            "\"x\"",
            "sip:a,b@h",
            "<sip:a@h>, <sip:b@h>",
            "\" \\ \"",
        ] {
            assert!(NameAddr::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_cannot_break_out_of_its_quotes() {
        let address = NameAddr::new(Uri::parse("sip:a@h").unwrap()).with_display("\" <sip:evil>\\\r\nVia: x");
        assert_eq!(read(&address.to_string()).display(), Some("\" <sip:evil>\\  Via: x"));
    }
}
