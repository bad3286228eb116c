//! Texts from phone to phone (RFC 3428): brought to all phones of an extension at once, and not kept.

use std::collections::HashMap;

use parking_lot::Mutex;
use wigwag_model::{DeviceId, Extension};
use wigwag_pbx::call::Phone;
use wigwag_sip::{
    transaction::ServerKey,
    wire::{
        HeaderName, Host, Method, Request, Response, Scheme, SipUri, StatusCode,
        header::{CSeq, CallId, From, MaxForwards, NameAddr, Route, To},
    },
};
use wigwag_sip_io::{Destination, Incoming};

use crate::{
    core::Core,
    gate::Identity,
    owner::{Owner, TextNumber},
    sink::{later, plain},
    subscriptions::extension_in,
};

/// The longest text, in octets: with its headers it fits into one datagram (RFC 3428 §8).
const MAX_OCTETS: usize = 1300;
/// Texts that wait for an answer of a phone at the same time.
const MAX_PENDING: usize = 10_000;
/// How long somebody is sent away when there are too many, in seconds.
const FULL_SECS: u32 = 5;
/// What can be brought; `message/cpim` would name somebody else as its sender.
const ACCEPTED: &str = "text/plain, text/html, application/im-iscomposing+xml";
const CALL_ID_SYMBOLS: usize = 24;
const TAG_SYMBOLS: usize = 12;

/// Texts whose senders wait to hear what became of them.
#[derive(Debug, Default)]
pub(crate) struct Texts(Mutex<Pending>);

#[derive(Debug, Default)]
struct Pending {
    last: u64,
    texts: HashMap<TextNumber, Text>,
}

#[derive(Debug)]
struct Text {
    key: ServerKey,
    request: Request,
    /// Phones that have not said anything.
    left: usize,
}

impl Texts {
    /// Brings a text of a device that has proved who it is to the phones of the extension that it names.
    pub(crate) fn bring(&self, core: &Core, incoming: &Incoming, identity: &Identity) {
        let Incoming { key, request, .. } = incoming;
        let outcome = receivers(core, request, identity)
            .and_then(|(to, phones)| Ok((self.enter(*key, request, phones.len())?, to, phones)));
        match outcome {
            Ok((number, to, phones)) => {
                for phone in phones {
                    let text = letter(core, request, &identity.extension, &to, &phone);
                    let way = Destination::Flow(phone.reach.flow);
                    if core.endpoint.request(Owner::Text(number), &way, &text).is_err() {
                        self.answered(core, number, None);
                    }
                }
            }
            Err(refusal) => core.respond(*key, refusal),
        }
    }

    /// A phone has answered finally, or never will: the first that takes the text is enough.
    pub(crate) fn answered(&self, core: &Core, number: TextNumber, status: Option<StatusCode>) {
        let is_taken = status.is_some_and(StatusCode::is_success);
        let done = {
            let pending = &mut *self.0.lock();
            let Some(text) = pending.texts.get_mut(&number) else {
                return;
            };
            text.left -= 1;
            if !is_taken && text.left > 0 {
                return;
            }
            pending.texts.remove(&number)
        };
        let Some(Text { key, request, .. }) = done else { return };
        let status = match status {
            Some(status) if is_taken || is_told(status) => status,
            Some(_) | None => StatusCode::TEMPORARILY_UNAVAILABLE,
        };
        core.respond(key, plain(&request, status));
    }

    fn enter(&self, key: ServerKey, request: &Request, phones: usize) -> Result<TextNumber, Response> {
        let pending = &mut *self.0.lock();
        if pending.texts.len() >= MAX_PENDING {
            return Err(later(request, FULL_SECS));
        }
        pending.last += 1;
        let number = TextNumber(pending.last);
        let text = Text {
            key,
            request: request.clone(),
            left: phones,
        };
        pending.texts.insert(number, text);
        Ok(number)
    }
}

/// Whom a text is for, and their phones, which are at least one.
fn receivers(core: &Core, request: &Request, identity: &Identity) -> Result<(Extension, Vec<Phone>), Response> {
    let refuse = |status| plain(request, status);
    if !is_accepted(request) {
        let refusal = Response::reply_to(request, StatusCode::UNSUPPORTED_MEDIA_TYPE).to_tag("none");
        return Err(refusal.raw(HeaderName::Accept, ACCEPTED).build());
    }
    if request.body().len() > MAX_OCTETS {
        return Err(refuse(StatusCode::REQUEST_ENTITY_TOO_LARGE));
    }
    let extension = extension_in(request, &identity.snapshot).ok_or_else(|| refuse(StatusCode::NOT_FOUND))?;
    let is_sender = |device: DeviceId| device == identity.device_id;
    let phones = core.registrations.phones(core, extension.id, None);
    let phones: Vec<Phone> = phones
        .into_iter()
        .filter(|phone| !phone.who.device().is_some_and(is_sender))
        .collect();
    if phones.is_empty() {
        return Err(refuse(StatusCode::TEMPORARILY_UNAVAILABLE));
    }
    Ok((extension.as_ref().clone(), phones))
}

fn is_accepted(request: &Request) -> bool {
    let content_type = request.header(HeaderName::ContentType).unwrap_or_default();
    let media_type = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    let is_plain = request.header(HeaderName::ContentEncoding).is_none();
    is_plain
        && ACCEPTED
            .split(", ")
            .any(|accepted| media_type.trim_ascii().eq_ignore_ascii_case(accepted.as_bytes()))
}

/// What one phone gets: sender and receiver by their internal numbers, nothing else of the sender's headers.
fn letter(core: &Core, request: &Request, sender: &Extension, to: &Extension, phone: &Phone) -> Request {
    let (call_id, tag) = {
        let mut entropy = core.entropy.lock();
        (entropy.word(CALL_ID_SYMBOLS), entropy.word(TAG_SYMBOLS))
    };
    let domain = core.domain();
    let from = address(sender, &domain).with_display(&sender.name).with_tag(&tag);
    let mut letter = Request::builder(Method::Message, &phone.contact);
    for path in &phone.path {
        letter = letter.header(&Route::new(path.0.clone()));
    }
    let content_type = String::from_utf8_lossy(request.header(HeaderName::ContentType).unwrap_or_default());
    letter
        .header(&MaxForwards::new(70))
        .header(&From::new(from))
        .header(&To::new(address(to, &domain)))
        .header(&CallId::new(&call_id).expect("letters and digits make a word"))
        .header(&CSeq::new(1, Method::Message))
        .body(&content_type, request.body())
        .build()
}

fn address(extension: &Extension, domain: &Host) -> NameAddr {
    NameAddr::new(SipUri::new(Scheme::Sip, domain.clone()).with_user(&extension.number.to_string()))
}

/// Whether a phone's refusal tells the sender something.
fn is_told(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::REQUEST_ENTITY_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::BUSY_HERE
            | StatusCode::NOT_ACCEPTABLE_HERE
            | StatusCode::DECLINE
    )
}
