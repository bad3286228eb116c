//! The checks before routing (RFC 3261 §8.1.1, §8.2, §16.3): what every later step relies on is there and readable.

use thiserror::Error;

use super::{
    error::HeaderError,
    header::{CSeq, CallId, Contact, From, Header, MaxForwards, RecordRoute, Route, To, Via},
    request::Request,
    response::Response,
    status::StatusCode,
    uri::Uri,
};

/// Why a message is not taken further.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Violation {
    /// A header that matters before routing is missing, repeated or malformed.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// CSeq names another method than the request line.
    #[error("CSeq names another method")]
    Method,
    /// The Request-URI does not follow its grammar, or carries headers (RFC 3261 §19.1.1).
    #[error("malformed Request-URI")]
    RequestUri,
    /// The Request-URI is neither sip, sips nor tel.
    #[error("unsupported URI scheme")]
    Scheme,
    /// A response that somebody else's server should have kept: a user agent's has one Via (RFC 3261 §8.1.3.3).
    #[error("response with several Via values")]
    StrayResponse,
}

impl Violation {
    /// The status that a request with this fault deserves.
    pub fn status(&self) -> StatusCode {
        match self {
            Violation::Scheme => StatusCode::UNSUPPORTED_URI_SCHEME,
            Violation::Header(_) | Violation::Method | Violation::RequestUri | Violation::StrayResponse => {
                StatusCode::BAD_REQUEST
            }
        }
    }
}

pub(super) fn validate_request(request: &Request) -> Result<(), Violation> {
    if request.typed_all::<Via>()?.is_empty() {
        return Err(HeaderError::Missing(Via::NAME).into());
    }
    request.require::<From>()?;
    request.require::<To>()?;
    request.require::<CallId>()?;
    if request.require::<CSeq>()?.method() != request.method() {
        return Err(Violation::Method);
    }
    request.typed::<MaxForwards>()?;
    readable_if_there::<Contact>(request)?;
    readable_if_there::<Route>(request)?;
    readable_if_there::<RecordRoute>(request)?;
    match request.uri() {
        Ok(Uri::Other(_)) => Err(Violation::Scheme),
        Ok(Uri::Sip(uri)) if uri.headers().is_some() => Err(Violation::RequestUri),
        Ok(Uri::Sip(_) | Uri::Tel(_)) => Ok(()),
        Err(_) => Err(Violation::RequestUri),
    }
}

pub(super) fn validate_response(response: &Response) -> Result<(), Violation> {
    match response.typed_all::<Via>()?.len() {
        0 => return Err(HeaderError::Missing(Via::NAME).into()),
        1 => {}
        _ => return Err(Violation::StrayResponse),
    }
    response.require::<From>()?;
    response.require::<To>()?;
    response.require::<CallId>()?;
    response.require::<CSeq>()?;
    response.typed_all::<Contact>()?;
    response.typed_all::<RecordRoute>()?;
    Ok(())
}

fn readable_if_there<H: Header>(request: &Request) -> Result<(), HeaderError> {
    request.typed_all::<H>().map(|_| ())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::wire::{HeaderName, Message};

    fn validated(line: &str, headers: &str) -> Result<(), Violation> {
        let text = format!("{line} SIP/2.0\r\ni: x\r\nf: <sip:a@b>;tag=1\r\nt: sip:c@d\r\n{headers}\r\n");
        match Message::parse(Bytes::from(text)).unwrap() {
            Message::Request(request) => request.validate(),
            Message::Response(response) => response.validate(),
        }
    }

    const VIA: &str = "v: SIP/2.0/UDP h\r\nCSeq: 1 OPTIONS\r\n";

    #[test]
    fn what_routing_relies_on_is_there_once() {
        assert_eq!(validated("OPTIONS sip:c@d", VIA), Ok(()));
        for (headers, error) in [
            (String::new(), HeaderError::Missing(HeaderName::Via)),
            (
                "v: SIP/2.0/UDP h\r\n".to_owned(),
                HeaderError::Missing(HeaderName::CSeq),
            ),
            (
                format!("{VIA}From: <sip:e@f>;tag=2\r\n"),
                HeaderError::Repeated(HeaderName::From),
            ),
            (
                format!("{VIA}Max-Forwards: 1\r\nMax-Forwards: 2\r\n"),
                HeaderError::Repeated(HeaderName::MaxForwards),
            ),
            (
                format!("{VIA}v:{}SIP/2.0/UDP h\r\n", "SIP/2.0/UDP h,".repeat(100)),
                HeaderError::TooMany(HeaderName::Via),
            ),
            (
                format!("{VIA}m:{}<sip:a>\r\n", "<sip:a>,".repeat(100)),
                HeaderError::TooMany(HeaderName::Contact),
            ),
        ] {
            assert_eq!(validated("OPTIONS sip:c@d", &headers), Err(Violation::Header(error)));
        }
    }

    #[test]
    fn each_violation_has_its_status() {
        let status = |line: &str| validated(line, VIA).unwrap_err().status();
        assert_eq!(status("INVITE sip:c@d"), StatusCode::BAD_REQUEST);
        assert_eq!(status("OPTIONS sip:c@d?a=b"), StatusCode::BAD_REQUEST);
        assert_eq!(status("OPTIONS sip:c:d:e"), StatusCode::BAD_REQUEST);
        assert_eq!(status("OPTIONS http://c"), StatusCode::UNSUPPORTED_URI_SCHEME);
        assert_eq!(validated("OPTIONS tel:+44123", VIA), Ok(()));
    }
}
