//! A whole SIP message, request or response (RFC 3261 §7).

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    error::ParseError,
    index::{At, Origin},
    raw::Raw,
    request::Request,
    response::Response,
};

/// A message as received or built: its octets with an index over them, cheap to clone.
///
/// Serialised as its octets and indexed again when read back.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Somebody wants something.
    Request(Request),
    /// The answer.
    Response(Response),
}

impl Message {
    /// Reads one datagram or WebSocket message; octets behind the body are dropped (RFC 3261 §18.3).
    pub fn parse(datagram: Bytes) -> Result<Message, ParseError> {
        Message::read(datagram, Origin::Peer)
    }

    /// The octets on the wire.
    pub fn bytes(&self) -> &Bytes {
        match self {
            Message::Request(request) => request.bytes(),
            Message::Response(response) => response.bytes(),
        }
    }

    pub(super) fn read(octets: Bytes, origin: Origin) -> Result<Message, ParseError> {
        Message::index(octets.clone(), origin).map_err(|(fault, offset)| ParseError::new(fault, offset, octets))
    }

    fn index(octets: Bytes, origin: Origin) -> At<Message> {
        let (raw, start_line) = Raw::parse(octets, origin)?;
        if is_status_line(&raw.bytes()[start_line.clone()]) {
            Response::from_raw(raw, start_line).map(Message::Response)
        } else {
            Request::from_raw(raw, start_line).map(Message::Request)
        }
    }
}

/// A status line begins with a version, which no method can: the slash is no token character.
pub(super) fn is_status_line(line: &[u8]) -> bool {
    line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"SIP/"))
}

impl From<Request> for Message {
    fn from(request: Request) -> Message {
        Message::Request(request)
    }
}

impl From<Response> for Message {
    fn from(response: Response) -> Message {
        Message::Response(response)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::Request(request) => request.fmt(f),
            Message::Response(response) => response.fmt(f),
        }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.bytes().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let octets = Bytes::deserialize(deserializer)?;
        Message::read(octets, Origin::Ourselves).map_err(serde::de::Error::custom)
    }
}
