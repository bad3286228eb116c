//! Responses (RFC 3261 §7.2).

use std::{borrow::Cow, fmt, ops::Range, str};

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    builder::ResponseBuilder,
    edit::Edit,
    error::{Fault, HeaderError, ParseError},
    header::Header,
    index::{At, Origin},
    lex::number,
    message::Message,
    name::HeaderName,
    raw::{Fingerprint, Raw, header_access},
    request::{Request, check_version},
    status::StatusCode,
    validate::{Violation, validate_response},
};

/// A response: octets with an index over them, read on demand, cheap to clone.
#[derive(Clone)]
pub struct Response {
    pub(super) raw: Raw,
    status: StatusCode,
    reason_start: u32,
    reason_len: u32,
}

header_access!(Response);

impl Response {
    /// Starts a response from nothing, with the usual phrase.
    pub fn builder(status: StatusCode) -> ResponseBuilder {
        ResponseBuilder::new(status)
    }

    /// Starts the response to `request`: Via, From, To, Call-ID and CSeq are copied (RFC 3261 §8.2.6.2).
    pub fn reply_to(request: &Request, status: StatusCode) -> ResponseBuilder {
        ResponseBuilder::reply_to(request, status)
    }

    /// The status code.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The phrase as the sender spelled it, which may be empty.
    pub fn reason(&self) -> Cow<'_, str> {
        let phrase = &self.bytes()[self.reason_start as usize..][..self.reason_len as usize];
        match str::from_utf8(phrase) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(phrase.iter().copied().map(char::from).collect()),
        }
    }

    /// The checks that come before matching a transaction: what fails them is dropped.
    pub fn validate(&self) -> Result<(), Violation> {
        validate_response(self)
    }

    /// Starts a changed copy.
    pub fn edit(&self) -> Edit<'_, Response> {
        Edit::new(&self.raw)
    }

    /// The response without its topmost Via value.
    #[must_use]
    pub fn without_top_via(&self) -> Response {
        self.edit().remove_top(HeaderName::Via).finish()
    }

    /// The response with this header in place of all of its kind.
    #[must_use]
    pub fn replace<H: Header>(&self, header: &H) -> Response {
        self.edit().replace(header).finish()
    }

    /// The response with this header behind all others.
    #[must_use]
    pub fn append<H: Header>(&self, header: &H) -> Response {
        self.edit().append(header).finish()
    }

    /// The response without any header of this name.
    #[must_use]
    pub fn remove(&self, name: HeaderName) -> Response {
        self.edit().remove(name).finish()
    }

    pub(super) fn from_raw(raw: Raw, line: Range<usize>) -> At<Response> {
        let text = &raw.bytes()[line.clone()];
        let fault = (Fault::StartLine, line.start);
        let (version, rest) = split_at_space(text);
        check_version(version).map_err(|fault| (fault, line.start))?;
        let (code, reason) = split_at_space(rest.ok_or(fault)?);
        let code: u16 = number(code).map_err(|_| fault)?;
        let status = StatusCode::new(code).map_err(|_| fault)?;
        let reason_len = reason.unwrap_or_default().len();
        Ok(Response {
            status,
            reason_start: u32::try_from(line.end - reason_len).map_err(|_| fault)?,
            reason_len: u32::try_from(reason_len).map_err(|_| fault)?,
            raw,
        })
    }

    fn thaw(octets: Bytes) -> Result<Response, ParseError> {
        match Message::read(octets.clone(), Origin::Ourselves)? {
            Message::Response(response) => Ok(response),
            Message::Request(_) => Err(ParseError::new(Fault::StartLine, 0, octets)),
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {:?})", self.status, Fingerprint(self.bytes()))
    }
}

/// Some phones leave out the space before an empty phrase; that is no reason to lose their answer.
fn split_at_space(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b' ', text) {
        Some(space) => (&text[..space], Some(&text[space + 1..])),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Response, Fault> {
        let octets = Bytes::from(format!("{line}\r\nl: 0\r\n\r\n"));
        match Message::parse(octets) {
            Ok(Message::Response(response)) => Ok(response),
            Ok(Message::Request(_)) => panic!("a request"),
            Err(error) => Err(error.fault()),
        }
    }

    #[test]
    fn the_phrase_is_the_senders() {
        assert_eq!(parse("SIP/2.0 486 Besetzt").unwrap().reason(), "Besetzt");
        assert_eq!(parse("SIP/2.0 100 ").unwrap().reason(), "");
        assert_eq!(parse("sip/2.0 200").unwrap().status(), StatusCode::OK);
    }

    #[test]
    fn codes_out_of_range_are_refused() {
        for line in [
            "SIP/2.0 4294967301 x",
            "SIP/2.0 99 x",
            "SIP/2.0 700 x",
            "SIP/2.0  200 OK",
            "SIP/2.0",
        ] {
            assert_eq!(parse(line).unwrap_err(), Fault::StartLine, "{line}");
        }
        assert_eq!(parse("SIP/3.0 200 OK").unwrap_err(), Fault::Version);
    }
}
