//! What can be wrong with a peer's message; no error carries its text.

use std::fmt;

use bytes::Bytes;
use thiserror::Error;

use super::{builder::ResponseBuilder, name::HeaderName, salvage::salvage, status::StatusCode};

/// Why octets are not a SIP message, and where.
#[derive(Clone)]
pub struct ParseError {
    fault: Fault,
    offset: usize,
    octets: Bytes,
}

/// The kinds of [`ParseError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Nothing but line ends: a keep-alive, not a message.
    #[error("no message")]
    Empty,
    /// The first line is neither a request line nor a status line.
    #[error("malformed start line")]
    StartLine,
    /// A SIP version other than 2.0.
    #[error("unsupported version")]
    Version,
    /// A header name with characters that no token may have, or without a colon.
    #[error("malformed header name")]
    HeaderName,
    /// A CR without LF.
    #[error("stray carriage return")]
    StrayCr,
    /// The empty line behind the headers is missing.
    #[error("headers do not end")]
    Unfinished,
    /// Content-Length is not a number, or given twice with different values.
    #[error("malformed content length")]
    ContentLength,
    /// The body is shorter than Content-Length says.
    #[error("body is cut off")]
    Truncated,
    /// The body is larger than [`MAX_BODY`](super::limits::MAX_BODY).
    #[error("body too large")]
    BodyTooLarge,
    /// The message, a header or the number of headers exceeds the [limits](super::limits).
    #[error("message too large")]
    TooLarge,
}

impl ParseError {
    pub(super) fn new(fault: Fault, offset: usize, octets: Bytes) -> Self {
        ParseError { fault, offset, octets }
    }

    /// What is wrong.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// Where, in octets from the first octet of the message (line ends before it not counted).
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The status that a request of this kind deserves.
    pub fn status(&self) -> StatusCode {
        match self.fault {
            Fault::Version => StatusCode::VERSION_NOT_SUPPORTED,
            Fault::BodyTooLarge => StatusCode::REQUEST_ENTITY_TOO_LARGE,
            Fault::TooLarge => StatusCode::MESSAGE_TOO_LARGE,
            Fault::Empty
            | Fault::StartLine
            | Fault::HeaderName
            | Fault::StrayCr
            | Fault::Unfinished
            | Fault::ContentLength
            | Fault::Truncated => StatusCode::BAD_REQUEST,
        }
    }

    /// The answer to the broken request, when it was a request other than ACK and what an answer repeats
    /// (Via, From, To, Call-ID, CSeq) can be made out.
    pub fn reply(&self) -> Option<ResponseBuilder> {
        salvage(&self.octets).map(|parts| ResponseBuilder::reply_to_salvage(&parts, self.status()))
    }
}

impl fmt::Debug for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParseError({:?} at {})", self.fault, self.offset)
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at octet {}", self.fault, self.offset)
    }
}

impl std::error::Error for ParseError {}

impl PartialEq for ParseError {
    fn eq(&self, other: &Self) -> bool {
        (self.fault, self.offset) == (other.fault, other.offset)
    }
}

impl Eq for ParseError {}

/// What is wrong with one header value or URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// It does not follow the grammar.
    #[error("breaks the grammar")]
    Syntax,
    /// A quoted string does not end.
    #[error("has unbalanced quotes")]
    Quote,
    /// A number is out of range.
    #[error("has a number out of range")]
    Number,
    /// It has more parameters than [`MAX_PARAMS`](super::limits::MAX_PARAMS).
    #[error("has too many parameters")]
    TooMany,
    /// A URI does not follow its grammar.
    #[error("has a malformed URI")]
    Uri,
}

/// Why a header could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// The header is required and not there.
    #[error("{0} is missing")]
    Missing(HeaderName),
    /// The header may be there once only.
    #[error("{0} is repeated")]
    Repeated(HeaderName),
    /// There are more values than [`MAX_VALUES`](super::limits::MAX_VALUES).
    #[error("too many values of {0}")]
    TooMany(HeaderName),
    /// The value cannot be read.
    #[error("{0} {1}")]
    Malformed(HeaderName, Malformed),
}
