//! Requests (RFC 3261 §7.1).

use std::{fmt, net::SocketAddr, ops::Range, str};

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    builder::RequestBuilder,
    edit::Edit,
    error::{Fault, HeaderError, Malformed, ParseError},
    header::{Header, Require, Supported, Via},
    index::{At, Origin},
    message::Message,
    method::Method,
    name::HeaderName,
    raw::{Fingerprint, Raw, header_access},
    uri::Uri,
    validate::{Violation, validate_request},
};

/// A request: octets with an index over them, read on demand, cheap to clone.
#[derive(Clone)]
pub struct Request {
    pub(super) raw: Raw,
    method: Method,
    uri_start: u32,
    uri_len: u32,
}

header_access!(Request);

impl Request {
    /// Starts a new request; characters in `uri` that would break the start line are percent-encoded.
    pub fn builder(method: Method, uri: impl fmt::Display) -> RequestBuilder {
        RequestBuilder::new(method, uri)
    }

    /// What is asked.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The Request-URI as spelled by the sender: visible ASCII without quotes and angle brackets.
    pub fn uri_text(&self) -> &str {
        let text = &self.bytes()[self.uri_start as usize..][..self.uri_len as usize];
        str::from_utf8(text).expect("the start line was checked to be ASCII")
    }

    /// The Request-URI.
    pub fn uri(&self) -> Result<Uri, Malformed> {
        Uri::parse(self.uri_text())
    }

    /// The checks that come before routing: what fails them is answered with the violation's status.
    pub fn validate(&self) -> Result<(), Violation> {
        validate_request(self)
    }

    /// Whether the sender insists on the extension with this option tag.
    pub fn requires(&self, tag: &str) -> bool {
        let all = self.typed_all::<Require>().unwrap_or_default();
        all.iter().any(|tags| tags.contains(tag))
    }

    /// Whether the sender knows the extension with this option tag, or insists on it.
    pub fn supports(&self, tag: &str) -> bool {
        let all = self.typed_all::<Supported>().unwrap_or_default();
        all.iter().any(|tags| tags.contains(tag)) || self.requires(tag)
    }

    /// Starts a changed copy.
    pub fn edit(&self) -> Edit<'_, Request> {
        Edit::new(&self.raw)
    }

    /// The request as it leaves through a new hop: `via` above all others (RFC 3261 §16.6).
    #[must_use]
    pub fn with_via(&self, via: &Via) -> Request {
        self.edit().prepend(via).finish()
    }

    /// The request without its topmost Via value.
    #[must_use]
    pub fn without_top_via(&self) -> Request {
        self.edit().remove_top(HeaderName::Via).finish()
    }

    /// The request as received from `source`: notes in the top Via where it came from (RFC 3261 §18.2.1, RFC 3581 §4).
    pub fn with_received(&self, source: SocketAddr) -> Result<Request, HeaderError> {
        let via: Via = self.require()?;
        Ok(match via.received_from(source) {
            Some(noted) => self.edit().replace_top(&noted).finish(),
            None => self.clone(),
        })
    }

    /// The request with this header in place of all of its kind.
    #[must_use]
    pub fn replace<H: Header>(&self, header: &H) -> Request {
        self.edit().replace(header).finish()
    }

    /// The request with this header behind all others.
    #[must_use]
    pub fn append<H: Header>(&self, header: &H) -> Request {
        self.edit().append(header).finish()
    }

    /// The request without any header of this name.
    #[must_use]
    pub fn remove(&self, name: HeaderName) -> Request {
        self.edit().remove(name).finish()
    }

    pub(super) fn from_raw(raw: Raw, line: Range<usize>) -> At<Request> {
        let text = &raw.bytes()[line.clone()];
        let fault = (Fault::StartLine, line.start);
        let mut parts = text.splitn(3, |&b| b == b' ');
        let (Some(method), Some(uri), Some(version)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(fault);
        };
        if uri.is_empty() || !uri.iter().all(|&b| is_uri_octet(b)) {
            return Err(fault);
        }
        let uri_start = u32::try_from(line.start + method.len() + 1).map_err(|_| fault)?;
        let uri_len = u32::try_from(uri.len()).map_err(|_| fault)?;
        let method = Method::from_bytes(method).map_err(|_| fault)?;
        check_version(version).map_err(|fault| (fault, line.end - version.len()))?;
        Ok(Request {
            raw,
            method,
            uri_start,
            uri_len,
        })
    }

    fn thaw(octets: Bytes) -> Result<Request, ParseError> {
        match Message::read(octets.clone(), Origin::Ourselves)? {
            Message::Request(request) => Ok(request),
            Message::Response(_) => Err(ParseError::new(Fault::StartLine, 0, octets)),
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({}, {:?})", self.method, Fingerprint(self.bytes()))
    }
}

/// Visible ASCII that does not delimit URIs.
pub(super) const fn is_uri_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"')
}

/// Accepts `SIP/2.0` in any case; tells another version from what is none.
pub(super) fn check_version(version: &[u8]) -> Result<(), Fault> {
    if version.eq_ignore_ascii_case(b"SIP/2.0") {
        return Ok(());
    }
    let number = version
        .split_at_checked(4)
        .filter(|(name, _)| name.eq_ignore_ascii_case(b"SIP/"))
        .map(|(_, number)| number);
    match number {
        Some([b'0'..=b'9', rest @ ..]) if rest.iter().all(|b| b.is_ascii_digit() || *b == b'.') => Err(Fault::Version),
        _ => Err(Fault::StartLine),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(line: &str) -> Fault {
        let octets = Bytes::from(format!("{line}\r\nl: 0\r\n\r\n"));
        Message::parse(octets).unwrap_err().fault()
    }

    #[test]
    fn the_request_line_is_checked_strictly() {
        for line in [
            "INVITE  sip:a@b SIP/2.0",
            "INVITE sip:a@b  SIP/2.0",
            "INVITE sip:a@b SIP/2.0 ",
            "INVITE sip:a@b; lr SIP/2.0",
            "INVITE <sip:a@b> SIP/2.0",
            "INVITE sip:a@b",
            "INV@TE sip:a@b SIP/2.0",
            " INVITE sip:a@b SIP/2.0",
            "INVITE\tsip:a@b\tSIP/2.0",
            "GET / HTTP/1.1",
        ] {
            assert_eq!(fault(line), Fault::StartLine, "{line}");
        }
        assert_eq!(fault("INVITE sip:a@b SIP/7.0"), Fault::Version);
    }

    #[test]
    fn debug_output_tells_nothing_personal() {
        let octets = Bytes::from_static(b"\r\n\r\nINVITE sip:alice@secret.example sip/2.0\r\nl: 0\r\n\r\ntrailing");
        let Message::Request(request) = Message::parse(octets).unwrap() else {
            panic!()
        };
        assert_eq!(request.uri_text(), "sip:alice@secret.example");
        assert!(request.body().is_empty());
        let debug = format!("{request:?}");
        assert!(debug.starts_with("Request(INVITE, 49 octets #"), "{debug}");
    }
}
