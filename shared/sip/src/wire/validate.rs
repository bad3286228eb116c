//! The checks before routing (RFC 3261 §8.1.1, §8.2, §16.3): what every later step relies on is there and readable.

use thiserror::Error;

use super::{
    error::HeaderError,
    header::{CSeq, CallId, Contact, From, Header, MaxForwards, RecordRoute, Route, To, Via},
    limits,
    name::HeaderName,
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
    /// More Via values than [`MAX_VIAS`](super::limits::MAX_VIAS).
    #[error("too many Via values")]
    TooManyVias,
    /// A response that somebody else's server should have kept: a user agent's has one Via (RFC 3261 §8.1.3.3).
    #[error("response with several Via values")]
    StrayResponse,
}

impl Violation {
    /// The status that a request with this fault deserves.
    pub fn status(&self) -> StatusCode {
        match self {
            Violation::Scheme => StatusCode::UNSUPPORTED_URI_SCHEME,
            Violation::Header(_)
            | Violation::Method
            | Violation::RequestUri
            | Violation::TooManyVias
            | Violation::StrayResponse => StatusCode::BAD_REQUEST,
        }
    }
}

pub(super) fn validate_request(request: &Request) -> Result<(), Violation> {
    let vias: Vec<Via> = request.typed_all()?;
    check_vias(&vias)?;
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
    let vias: Vec<Via> = response.typed_all()?;
    check_vias(&vias)?;
    if vias.len() > 1 {
        return Err(Violation::StrayResponse);
    }
    response.require::<From>()?;
    response.require::<To>()?;
    response.require::<CallId>()?;
    response.require::<CSeq>()?;
    response.typed_all::<Contact>()?;
    response.typed_all::<RecordRoute>()?;
    Ok(())
}

fn check_vias(vias: &[Via]) -> Result<(), Violation> {
    match vias.len() {
        0 => Err(HeaderError::Missing(HeaderName::Via).into()),
        1..=limits::MAX_VIAS => Ok(()),
        _ => Err(Violation::TooManyVias),
    }
}

fn readable_if_there<H: Header>(request: &Request) -> Result<(), HeaderError> {
    request.typed_all::<H>().map(|_| ())
}
