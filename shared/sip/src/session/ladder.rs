//! SIP ladders as text, for the tests of everything that talks SIP.
//!
//! A message is one line: `INVITE 1 Session-Expires: 1800 «offer»`, `200 INVITE 1 «answer»`. Bodies longer than a word
//! print as their media type.

use bytes::Bytes;

use super::{Ended, Event, Reply, Sdp};
use crate::wire::{HeaderName, Message, Request, Response, header::CSeq, unfold};

/// The headers that a ladder shows, because they change what happens.
const SHOWN: [HeaderName; 22] = [
    HeaderName::Accept,
    HeaderName::AcceptEncoding,
    HeaderName::AlertInfo,
    HeaderName::Event,
    HeaderName::Authorization,
    HeaderName::MinSe,
    HeaderName::ProxyAuthorization,
    HeaderName::RAck,
    HeaderName::RSeq,
    HeaderName::Reason,
    HeaderName::RecordRoute,
    HeaderName::ReferSub,
    HeaderName::ReferTo,
    HeaderName::Replaces,
    HeaderName::Require,
    HeaderName::RetryAfter,
    HeaderName::Route,
    HeaderName::SessionExpires,
    HeaderName::Subject,
    HeaderName::SubscriptionState,
    HeaderName::Unsupported,
    HeaderName::Warning,
];

const LONGEST_WORD: usize = 40;

/// One message in one line.
pub fn line(message: &Message) -> String {
    match message {
        Message::Request(request) => request_line(request),
        Message::Response(response) => response_line(response),
    }
}

/// One request in one line.
pub fn request_line(request: &Request) -> String {
    let number = request.require().map_or(0, |cseq: CSeq| cseq.number());
    let notes = notes(|name| joined(request.headers(name)));
    let body = body(request.header(HeaderName::ContentType), &request.body());
    format!("{} {number}{notes}{body}", request.method())
}

/// One response in one line.
pub fn response_line(response: &Response) -> String {
    let (method, number) = match response.require::<CSeq>() {
        Ok(cseq) => (cseq.method().to_string(), cseq.number()),
        Err(_) => (String::from("?"), 0),
    };
    let notes = notes(|name| joined(response.headers(name)));
    let body = body(response.header(HeaderName::ContentType), &response.body());
    format!("{} {method} {number}{notes}{body}", response.status())
}

/// One event in one line.
pub fn event_line(event: &Event) -> String {
    match event {
        Event::Progress {
            branch, status, sdp, ..
        } => format!("Progress {branch:?} {status}{}", quoted(sdp.as_ref())),
        Event::Answered { branch, sdp, .. } => format!("Answered {branch:?}{}", quoted(sdp.as_ref())),
        Event::Confirmed { sdp } => format!("Confirmed{}", quoted(sdp.as_ref())),
        Event::Offered { sdp, by } => format!("Offered by {by:?}{}", quoted(sdp.as_ref())),
        Event::OfferWithdrawn => "OfferWithdrawn".into(),
        Event::OfferAnswered { sdp } => format!("OfferAnswered{}", quoted(Some(sdp))),
        Event::OfferRefused { status } => format!("OfferRefused {status}"),
        Event::Digit(digit) => format!("Digit {} for {} ms", digit.key(), digit.duration_ms()),
        Event::Info(content) => format!("Info {content:?}"),
        Event::Referred(referral) => format!(
            "Referred to {}{}{}",
            referral.target,
            referral
                .replaces
                .as_ref()
                .map_or(String::new(), |other| format!(" instead of {other}")),
            referral
                .referred_by
                .as_ref()
                .map_or(String::new(), |by| format!(" by {by}")),
        ),
        Event::Other { request, .. } => format!("Other {}", request.method()),
        Event::Replied { tag, reply } => match reply {
            Reply::Response(response) => format!("Replied to {tag}: {}", response.status()),
            Reply::Failed(failure) => format!("Replied to {tag}: {failure:?}"),
            Reply::Unsent => format!("Replied to {tag}: unsent"),
        },
        Event::Ended(ended) => end_line(ended),
    }
}

fn end_line(ended: &Ended) -> String {
    let mut words = format!("Ended by {:?}", ended.by);
    if let Some(status) = ended.status {
        words += &format!(" {status}");
    }
    for reason in &ended.reasons {
        words += &format!(" {reason}");
    }
    if let Some(seconds) = ended.retry_after_secs {
        words += &format!(" again in {seconds} s");
    }
    for contact in &ended.contacts {
        words += &format!(" at {contact}");
    }
    words
}

pub(super) fn quoted(sdp: Option<&Sdp>) -> String {
    sdp.map(|sdp| format!(" «{}»", String::from_utf8_lossy(&sdp.0)))
        .unwrap_or_default()
}

fn notes(value_of: impl Fn(HeaderName) -> Option<String>) -> String {
    let note = |name: HeaderName| value_of(name.clone()).map(|value| format!(" {name}: {value}"));
    SHOWN.into_iter().filter_map(note).collect()
}

/// All values of a header; of secrets only that they are there.
fn joined<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<String> {
    let values: Vec<String> = values
        .map(|value| String::from_utf8_lossy(&unfold(value)).into_owned())
        .map(|value| {
            if value.starts_with("Digest ") {
                "Digest …".into()
            } else {
                value
            }
        })
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn body(content_type: Option<&[u8]>, body: &Bytes) -> String {
    if content_type.is_some_and(|value| value.starts_with(b"message/sipfrag")) {
        return format!(" «{}»", String::from_utf8_lossy(body).trim_end());
    }
    match std::str::from_utf8(body) {
        Ok("") => String::new(),
        Ok(text) if text.len() <= LONGEST_WORD && !text.contains(['\r', '\n']) => format!(" «{text}»"),
        Ok(_) | Err(_) => format!(" «{}»", String::from_utf8_lossy(content_type.unwrap_or_default())),
    }
}
