//! Referrals: the other side asks us to call somebody in its place (RFC 3515, RFC 3892, RFC 4488).

use serde::{Deserialize, Serialize};

use super::read::Read;
use crate::wire::{
    HeaderName, Request, StatusCode, Uri,
    header::{Header, ReferTo, ReferredBy, Replaces},
};

/// Names one referral among those of the same session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReferralId(pub(super) u32);

/// What a REFER asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// For the answer and what is told later.
    pub id: ReferralId,
    /// Whom to call, without what stands behind the question mark.
    pub target: Uri,
    /// The dialog whose place the new call shall take: an attended transfer (RFC 3891), seen from whom it calls.
    pub replaces: Option<Replaces>,
    /// Who asks, as they say themselves.
    pub referred_by: Option<ReferredBy>,
}

impl Referral {
    /// Reads a REFER.
    ///
    /// # Errors
    /// The final status to answer, when it asks for nothing that could be done.
    pub(super) fn read(request: &Request) -> Result<Referral, StatusCode> {
        let mut targets: Vec<ReferTo> = request.all().map_err(|_| StatusCode::BAD_REQUEST)?;
        let (Some(refer_to), true) = (targets.pop(), targets.is_empty()) else {
            return Err(StatusCode::BAD_REQUEST);
        };
        let uri = refer_to.uri();
        if let Uri::Other(_) = uri {
            return Err(StatusCode::UNSUPPORTED_URI_SCHEME);
        }
        let method = uri.param("method").unwrap_or("INVITE");
        if !method.eq_ignore_ascii_case("INVITE") {
            return Err(StatusCode::FORBIDDEN);
        }
        let replaces = uri.as_sip().and_then(|uri| uri.header("Replaces"));
        let replaces = replaces.map(|text| Replaces::parse(text.as_bytes()).map_err(|_| StatusCode::BAD_REQUEST));
        Ok(Referral {
            id: ReferralId(request.cseq_number().unwrap_or_default()),
            target: bare(uri),
            replaces: replaces.transpose()?,
            referred_by: request.one(),
        })
    }
}

/// Whether a REFER asks to be told nothing (RFC 4488 §4).
pub(super) fn wants_silence(request: &Request) -> bool {
    request.header(HeaderName::ReferSub).is_some_and(|value| {
        let value = value.split(|byte| *byte == b';').next().unwrap_or_default();
        value.trim_ascii().eq_ignore_ascii_case(b"false")
    })
}

/// Where to call, without method and headers.
fn bare(uri: &Uri) -> Uri {
    match uri.as_sip() {
        Some(sip) => Uri::from(sip.clone().without_headers().without_param("method")),
        None => uri.clone(),
    }
}
