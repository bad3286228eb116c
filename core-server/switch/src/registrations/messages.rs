//! The registrar's words in SIP (RFC 3261 §10.3).

use wigwag_pbx::registrar::{Answer, Binding, Refusal};
use wigwag_sip::wire::{
    HeaderName, Host, Method, Request, Response, Scheme, SipUri, StatusCode,
    header::{CSeq, CallId, Contact, From, MaxForwards, MinExpires, NameAddr, Reason, RetryAfter, Route, To},
};

use crate::core::Core;

/// Symbols of a Call-ID: 120 bits.
const CALL_ID_SYMBOLS: usize = 24;
/// Symbols of a tag: 60 bits.
const TAG_SYMBOLS: usize = 12;
/// The tag of the registrar's answers, which begin no dialog.
const TAG: &str = "registrar";
/// The shortest registration, in seconds.
const MIN_EXPIRES: u32 = 60;

/// The answer to a REGISTER.
pub(super) fn response(request: &Request, answer: Answer) -> Response {
    let contacts = match answer {
        Answer::Refused(refusal) => return refused(request, refusal),
        Answer::Bindings(contacts) => contacts,
    };
    let mut reply = Response::reply_to(request, StatusCode::OK).to_tag(TAG);
    for (uri, left) in contacts {
        let address = NameAddr::new(uri).with_param("expires", &left.as_secs().to_string());
        reply = reply.header(&Contact::new(address));
    }
    for path in request.headers(HeaderName::Path) {
        reply = reply.raw(HeaderName::Path, path);
    }
    reply.raw(HeaderName::Supported, "path").build()
}

/// The refusal of a REGISTER.
pub(super) fn refused(request: &Request, refusal: Refusal) -> Response {
    let (status, reason) = refusal.status();
    let status = StatusCode::new(status).expect("the table has valid codes");
    let reply = Response::reply_to(request, status)
        .to_tag(TAG)
        .header(&Reason::sip(status, reason));
    match refusal {
        Refusal::IntervalTooBrief => reply.header(&MinExpires::new(MIN_EXPIRES)).build(),
        Refusal::OutOfOrder => reply.header(&RetryAfter::new(1)).build(),
        Refusal::TooManyDevices | Refusal::BadWildcard | Refusal::TooManyContacts | Refusal::BadContact => {
            reply.build()
        }
    }
}

/// The OPTIONS that asks a registered phone for a sign of life.
pub(super) fn probe(core: &Core, binding: &Binding) -> Request {
    let (call_id, tag) = {
        let mut entropy = core.entropy.lock();
        (entropy.word(CALL_ID_SYMBOLS), entropy.word(TAG_SYMBOLS))
    };
    let host = Host::parse(&core.config.domain).expect("the configured domain is a host name");
    let us = NameAddr::new(SipUri::new(Scheme::Sip, host)).with_tag(&tag);
    let mut request = Request::builder(Method::Options, &binding.contact)
        .header(&MaxForwards::new(70))
        .header(&From::new(us))
        .header(&To::new(binding.contact.clone()))
        .header(&CallId::new(&call_id).expect("letters and digits make a word"))
        .header(&CSeq::new(1, Method::Options))
        .header(&core.contact(&binding.reach));
    for path in &binding.path {
        request = request.header(&Route::new(path.0.clone()));
    }
    request.build()
}
