//! Answers to challenges, by those who were given credentials for exactly that (RFC 3261 §22, RFC 8760).

use super::{Extra, shared::Shared};
use crate::wire::{Method, Response, Uri};

/// The header that answers the challenge in `response` to a request with this method and Request-URI.
pub(super) fn answer(_response: &Response, _method: &Method, _uri: &Uri, _shared: &mut Shared) -> Option<Extra> {
    None
}
