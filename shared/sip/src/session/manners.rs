//! Answers that are the same in every state of a call: OPTIONS, INFO, what nobody knows, and the makings of a 200.

use super::{
    Content, Event, Extra, Sdp,
    capability::{ACCEPT, ALLOW, SUPPORTED},
    dtmf::Digit,
    read::Read,
    shared::Shared,
};
use crate::{
    transaction::ServerKey,
    wire::{HeaderName, Method, Request, Response, ResponseBuilder, StatusCode},
};

/// A package that an INFO may belong to; none is known here (RFC 6086 §4.2.2).
const INFO_PACKAGE: &str = "Info-Package";
const RECV_INFO: &str = "Recv-Info";
const BAD_INFO_PACKAGE: u16 = 469;

/// Answers a request that has no business with the state of the call.
pub(super) fn answer(key: ServerKey, request: &Request, shared: &mut Shared) {
    match request.method() {
        Method::Options => {
            let reply = with_capabilities(shared.reply(request, StatusCode::OK), shared);
            shared.respond(key, reply.raw(HeaderName::Accept, ACCEPT).build());
        }
        Method::Info => answer_info(key, request, shared),
        Method::Invite
        | Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Register
        | Method::Update
        | Method::Prack
        | Method::Refer
        | Method::Subscribe
        | Method::Notify
        | Method::Message
        | Method::Publish
        | Method::Other(_) => {
            let reply = shared.reply(request, StatusCode::METHOD_NOT_ALLOWED);
            shared.respond(key, reply.raw(HeaderName::Allow, ALLOW).build());
        }
    }
}

/// Answers 200 to an UPDATE.
pub(super) fn accept_update(
    (key, request): (ServerKey, &Request),
    headers: &[Extra],
    sdp: Option<Sdp>,
    shared: &mut Shared,
) {
    let reply = with_capabilities(shared.reply(request, StatusCode::OK), shared);
    let response = with_sdp(with_extras(reply, headers), sdp).build();
    shared.respond(key, response);
}

/// The 200 to an INVITE; without description when all has been said before.
pub(super) fn accept_invite(request: &Request, headers: &[Extra], sdp: Option<Sdp>, shared: &Shared) -> Response {
    let reply = shared.reply(request, StatusCode::OK).record_route();
    let reply = with_capabilities(reply, shared);
    with_sdp(with_extras(reply, headers), sdp).build()
}

/// What the owner answers to a request of another usage.
pub(super) fn respond(
    (key, request): (ServerKey, &Request),
    status: StatusCode,
    headers: &[Extra],
    content: Option<Content>,
    shared: &mut Shared,
) {
    let reply = shared.reply(request, status).header(&shared.settings.contact);
    let reply = with_content(with_extras(reply, headers), content);
    shared.respond(key, reply.build());
}

/// Where we are, and what we can do.
pub(super) fn with_capabilities(reply: ResponseBuilder, shared: &Shared) -> ResponseBuilder {
    reply
        .header(&shared.settings.contact)
        .raw(HeaderName::Allow, ALLOW)
        .raw(HeaderName::Supported, SUPPORTED)
}

pub(super) fn with_extras(reply: ResponseBuilder, headers: &[Extra]) -> ResponseBuilder {
    headers
        .iter()
        .fold(reply, |reply, extra| reply.raw(extra.name.clone(), &extra.value))
}

pub(super) fn with_sdp(reply: ResponseBuilder, sdp: Option<Sdp>) -> ResponseBuilder {
    with_content(reply, sdp.map(Content::from))
}

fn with_content(reply: ResponseBuilder, content: Option<Content>) -> ResponseBuilder {
    match content {
        Some(content) => reply.body(&content.content_type, content.body),
        None => reply,
    }
}

/// An INFO is answered at once and passed on, unless it belongs to a package.
fn answer_info(key: ServerKey, request: &Request, shared: &mut Shared) {
    let name = |name| HeaderName::new(name).expect("the name is a token");
    if request.header(name(INFO_PACKAGE)).is_some() {
        let status = StatusCode::new(BAD_INFO_PACKAGE).expect("469 lies between 100 and 699");
        let reply = shared.reply(request, status).raw(name(RECV_INFO), "");
        return shared.respond(key, reply.build());
    }
    shared.answer(key, request, StatusCode::OK);
    let Some(content) = request.content() else { return };
    shared.event(match Digit::read(&content) {
        Some(digit) => Event::Digit(digit),
        None => Event::Info(content),
    });
}
