//! The registrar's words in SIP (RFC 3261 §10.3).

use wigwag_pbx::registrar::{Answer, Binding, Bound, Refusal, uses_outbound};
use wigwag_sip::gruu::public_gruu;
use wigwag_sip::wire::{
    HeaderName, Method, Request, Response, Scheme, SipUri, StatusCode,
    header::{
        CSeq, CallId, Contact, FlowTimer, From, MaxForwards, MinExpires, NameAddr, Reason, RetryAfter, Route, To,
    },
};

use crate::core::Core;

/// Symbols of a Call-ID: 120 bits.
const CALL_ID_SYMBOLS: usize = 24;
/// Symbols of a tag: 60 bits.
const TAG_SYMBOLS: usize = 12;
/// The tag of the registrar's answers, which begin no dialog.
const TAG: &str = "registrar";
/// What the registrar knows of what REGISTERs may ask for.
pub(crate) const REGISTRAR_SUPPORTED: &str = "path, outbound, gruu";
/// How often a phone shows that its flow lives, in seconds (RFC 5626 §4.4.1).
const FLOW_TIMER_SECS: u32 = 30;
/// The shortest registration, in seconds.
const MIN_EXPIRES: u32 = 60;

/// The answer to a REGISTER.
pub(super) fn response(core: &Core, request: &Request, answer: Answer) -> Response {
    let contacts = match answer {
        Answer::Refused(refusal) => return refused(request, refusal),
        Answer::Bindings(contacts) => contacts,
    };
    let mut reply = Response::reply_to(request, StatusCode::OK).to_tag(TAG);
    for bound in contacts {
        reply = reply.header(&Contact::new(contact(core, request, bound)));
    }
    if uses_outbound(request) == Ok(true) {
        reply = reply
            .raw(HeaderName::Require, "outbound")
            .header(&FlowTimer::new(FLOW_TIMER_SECS));
    }
    for path in request.headers(HeaderName::Path) {
        reply = reply.raw(HeaderName::Path, path);
    }
    reply.raw(HeaderName::Supported, REGISTRAR_SUPPORTED).build()
}

/// A contact as its device sees it: with its name, its flow, and URIs that lead to it from everywhere (RFC 5627 §5.3).
fn contact(core: &Core, request: &Request, bound: Bound) -> NameAddr {
    let mut contact = NameAddr::new(bound.contact).with_param("expires", &bound.left.as_secs().to_string());
    let Some(instance) = bound.key.instance() else {
        return contact;
    };
    let params = contact.params_mut();
    params.set_quoted("+sip.instance", instance);
    if let Some(reg_id) = bound.key.reg_id() {
        params.set("reg-id", reg_id.to_string());
    }
    let user = request.typed::<To>().ok().flatten().and_then(|to| to.uri().user());
    if let Some(user) = user.filter(|_| request.supports("gruu")) {
        params.set_quoted("pub-gruu", public_gruu(&user, core.domain(), instance).to_string());
        if let Ok(number) = user.parse() {
            let salt = core.entropy.lock().next_u64();
            let call_id = bound.call_id.to_string();
            let gruu = core.gruus.temporary(number, instance, &call_id, salt, core.domain());
            params.set_quoted("temp-gruu", gruu.to_string());
        }
    }
    contact
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
        Refusal::TooManyDevices
        | Refusal::BadWildcard
        | Refusal::TooManyContacts
        | Refusal::BadContact
        | Refusal::FirstHopLacksOutbound => reply.build(),
    }
}

/// The OPTIONS that asks a registered phone for a sign of life.
pub(super) fn probe(core: &Core, binding: &Binding) -> Request {
    let (call_id, tag) = {
        let mut entropy = core.entropy.lock();
        (entropy.word(CALL_ID_SYMBOLS), entropy.word(TAG_SYMBOLS))
    };
    let us = NameAddr::new(SipUri::new(Scheme::Sip, core.domain())).with_tag(&tag);
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
