//! What a SUBSCRIBE asks for, and the refusal of what cannot be served (RFC 6665 §4.2.1.1).

use super::Terms;
use crate::{
    event_body::Package,
    transaction::ServerKey,
    wire::{
        HeaderName, Request, Response, ResponseBuilder, StatusCode,
        header::{Accept, Event, Expires, MinExpires},
    },
};

/// The tag of refusals, which begin no dialog.
const NO_DIALOG: &str = "none";

/// What a SUBSCRIBE asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The package.
    pub package: Package,
    pub(super) key: ServerKey,
    pub(super) subscribe: Request,
    pub(super) event: Event,
    /// Zero to be told once.
    pub(super) expires_secs: u32,
    pub(super) terms: Terms,
}

impl Asked {
    /// Reads a SUBSCRIBE that was validated, has no To tag, and has the server transaction `key`.
    ///
    /// # Errors
    /// With the final response to send instead, when it asks for what is not served here.
    pub fn read(key: ServerKey, subscribe: &Request, terms: Terms) -> Result<Asked, Response> {
        let event: Option<Event> = subscribe.typed().map_err(|_| plain(subscribe))?;
        let package = event.as_ref().and_then(|event| Package::named(event.package()));
        let (Some(event), Some(package)) = (event, package) else {
            return Err(bad_event(subscribe));
        };
        let accept: Option<Accept> = subscribe.typed().map_err(|_| plain(subscribe))?;
        if accept.is_some_and(|accept| !accept.accepts(package.content_type())) {
            let refusal = refuse(subscribe, StatusCode::NOT_ACCEPTABLE);
            return Err(refusal.raw(HeaderName::Accept, package.content_type()).build());
        }
        Ok(Asked {
            package,
            key,
            subscribe: subscribe.clone(),
            event,
            expires_secs: expires_secs(subscribe, &terms)?,
            terms,
        })
    }
}

/// How long a SUBSCRIBE shall hold.
///
/// # Errors
/// With the refusal of what is too brief.
pub(super) fn expires_secs(subscribe: &Request, terms: &Terms) -> Result<u32, Response> {
    let expires: Option<Expires> = subscribe.typed().map_err(|_| plain(subscribe))?;
    match expires.map(Expires::seconds) {
        None => Ok(terms.max_expires_secs),
        Some(0) => Ok(0),
        Some(secs) if secs < terms.min_expires_secs => {
            let refusal = refuse(subscribe, StatusCode::INTERVAL_TOO_BRIEF);
            Err(refusal.header(&MinExpires::new(terms.min_expires_secs)).build())
        }
        Some(secs) => Ok(secs.min(terms.max_expires_secs)),
    }
}

/// The refusal of a package that is not served.
pub(super) fn bad_event(subscribe: &Request) -> Response {
    refuse(subscribe, StatusCode::BAD_EVENT)
        .header(&Package::allow_events())
        .build()
}

/// The refusal of what makes no sense.
pub(super) fn plain(subscribe: &Request) -> Response {
    refuse(subscribe, StatusCode::BAD_REQUEST).build()
}

fn refuse(subscribe: &Request, status: StatusCode) -> ResponseBuilder {
    Response::reply_to(subscribe, status).to_tag(NO_DIALOG)
}
