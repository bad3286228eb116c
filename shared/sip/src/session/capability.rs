//! What every session can do, and the refusal of what none can (RFC 3261 §8.2.1–§8.2.3).

use super::{Sdp, read::Read, shared::Shared};
use crate::{
    transaction::ServerKey,
    wire::{
        HeaderName, Method, Request, Response, StatusCode, Token,
        header::{Require, Unsupported},
    },
};

/// The methods that are understood within a call.
pub const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER";
/// The extensions that are understood.
pub const SUPPORTED: &str = "timer, replaces, 100rel, norefersub";
/// The bodies that are understood.
pub const ACCEPT: &str = "application/sdp, application/dtmf-relay, application/dtmf";

/// Why a request is refused before it is looked at.
pub(super) enum Refusal {
    /// It requires extensions that we do not know.
    Extensions(Unsupported),
    /// Its body is no session description.
    MediaType,
    /// Its body is encoded.
    Encoding,
}

/// Refuses what no session can do.
pub(super) fn screen(request: &Request) -> Result<(), Refusal> {
    let required = request.one::<Require>().unwrap_or_default();
    let is_unknown = |option: &&Token| !SUPPORTED.split(", ").any(|known| option.eq_ignore_ascii_case(known));
    let unknown: Unsupported = required.iter().filter(is_unknown).cloned().collect();
    if !unknown.is_empty() {
        return Err(Refusal::Extensions(unknown));
    }
    let must_be_sdp = matches!(request.method(), Method::Invite | Method::Update | Method::Prack);
    if !must_be_sdp || request.body().is_empty() || is_optional(request) {
        return Ok(());
    }
    if !request.content().is_some_and(|content| content.is(Sdp::CONTENT_TYPE)) {
        return Err(Refusal::MediaType);
    }
    match request.header(HeaderName::ContentEncoding) {
        Some(encoding) if !encoding.eq_ignore_ascii_case(b"identity") => Err(Refusal::Encoding),
        Some(_) | None => Ok(()),
    }
}

impl Refusal {
    pub(super) fn answer(&self, key: ServerKey, request: &Request, shared: &mut Shared) {
        let response = self.response(request, shared);
        shared.respond(key, response);
    }

    pub(super) fn response(&self, request: &Request, shared: &Shared) -> Response {
        match self {
            Refusal::Extensions(unknown) => shared.reply(request, StatusCode::BAD_EXTENSION).header(unknown),
            Refusal::MediaType => shared
                .reply(request, StatusCode::UNSUPPORTED_MEDIA_TYPE)
                .raw(HeaderName::Accept, Sdp::CONTENT_TYPE),
            Refusal::Encoding => shared
                .reply(request, StatusCode::UNSUPPORTED_MEDIA_TYPE)
                .raw(HeaderName::AcceptEncoding, "identity"),
        }
        .build()
    }
}

/// Whether the sender allows us to ignore the body (RFC 3261 §20.11).
fn is_optional(request: &Request) -> bool {
    let disposition = request.header(HeaderName::ContentDisposition).unwrap_or_default();
    let disposition = String::from_utf8_lossy(disposition).to_ascii_lowercase();
    disposition.replace(' ', "").contains(";handling=optional")
}
