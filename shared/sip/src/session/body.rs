//! What a message carries beside its headers: opaque to a session, and private.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::wire::{HeaderName, header::Reason};

/// A session description as it stood, or shall stand, in a message; `Debug` tells only its length.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sdp(pub Bytes);

impl Sdp {
    pub(super) const CONTENT_TYPE: &str = "application/sdp";
}

impl From<Bytes> for Sdp {
    fn from(bytes: Bytes) -> Self {
        Sdp(bytes)
    }
}

impl fmt::Debug for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[sdp, {} bytes]", self.0.len())
    }
}

/// A body with its type; `Debug` tells only type and length.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The value of Content-Type.
    pub content_type: SmolStr,
    /// The body itself.
    pub body: Bytes,
}

impl Content {
    /// Whether it is of this media type, whatever its parameters.
    pub fn is(&self, media_type: &str) -> bool {
        let own = self.content_type.split(';').next().unwrap_or_default();
        own.trim().eq_ignore_ascii_case(media_type)
    }
}

impl From<Sdp> for Content {
    fn from(sdp: Sdp) -> Self {
        Content {
            content_type: SmolStr::new_static(Sdp::CONTENT_TYPE),
            body: sdp.0,
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {} bytes]", self.content_type, self.body.len())
    }
}

/// A header that the owner of a session adds to a message; `Debug` tells only its name.
///
/// Headers that make the dialog, the offer or the session timer work belong to the session; it leaves them out when
/// they are given here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// Its name.
    pub name: HeaderName,
    /// Its value, on one line.
    pub value: Bytes,
}

impl Extra {
    /// A header with this name and value.
    pub fn new(name: HeaderName, value: impl Into<Bytes>) -> Self {
        Extra {
            name,
            value: value.into(),
        }
    }

    /// A Reason header.
    pub(super) fn reason(reason: &Reason) -> Self {
        Extra::new(HeaderName::Reason, reason.to_string())
    }

    /// Whether an owner may set this header at all.
    pub(super) fn is_free(&self) -> bool {
        !OWNED.contains(&self.name)
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.name)
    }
}

/// The headers that belong to the session.
const OWNED: [HeaderName; 22] = [
    HeaderName::Allow,
    HeaderName::Authorization,
    HeaderName::CallId,
    HeaderName::Contact,
    HeaderName::ContentEncoding,
    HeaderName::ContentLength,
    HeaderName::ContentType,
    HeaderName::CSeq,
    HeaderName::From,
    HeaderName::MaxForwards,
    HeaderName::MinSe,
    HeaderName::ProxyAuthorization,
    HeaderName::RAck,
    HeaderName::RSeq,
    HeaderName::RecordRoute,
    HeaderName::Require,
    HeaderName::Route,
    HeaderName::SessionExpires,
    HeaderName::Supported,
    HeaderName::To,
    HeaderName::Unsupported,
    HeaderName::Via,
];
