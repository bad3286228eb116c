//! New messages. Whatever is put in, no value can end its line: CR and LF become spaces on their way.

use std::fmt::{self, Write};

use bytes::Bytes;

use super::{
    error::Malformed,
    header::{Header, NameAddr},
    lex::{is_lws, is_token, unfold},
    method::Method,
    name::HeaderName,
    raw::Raw,
    request::{Request, is_uri_octet},
    response::Response,
    salvage::Salvage,
    status::StatusCode,
};

/// Writes a request from its first line on.
#[derive(Clone)]
pub struct RequestBuilder {
    lines: Lines,
}

/// Writes a response from its first line on.
#[derive(Clone)]
pub struct ResponseBuilder {
    lines: Lines,
    request: Option<Raw>,
    /// Where a tag can be added to To, while it has none.
    untagged_to: Option<usize>,
}

impl RequestBuilder {
    pub(super) fn new(method: Method, uri: impl fmt::Display) -> Self {
        let mut lines = Lines::default();
        lines.request_line(method.as_str().as_bytes(), uri);
        RequestBuilder { lines }
    }

    /// The finished request, with its Content-Length.
    pub fn build(self) -> Request {
        let (raw, start_line) = Raw::own(self.lines.finish());
        Request::from_raw(raw, start_line).expect("the builder writes a well-formed request line")
    }
}

impl ResponseBuilder {
    pub(super) fn new(status: StatusCode) -> Self {
        let mut lines = Lines::default();
        lines.text(format_args!("SIP/2.0 {status} {}", status.phrase()));
        lines.bytes(b"\r\n");
        ResponseBuilder {
            lines,
            request: None,
            untagged_to: None,
        }
    }

    pub(super) fn reply_to(request: &Request, status: StatusCode) -> Self {
        let mut builder = ResponseBuilder::new(status);
        for name in [
            HeaderName::Via,
            HeaderName::From,
            HeaderName::To,
            HeaderName::CallId,
            HeaderName::CSeq,
        ] {
            for value in request.raw.headers(name.clone()) {
                builder.copy(name.clone(), value);
            }
        }
        builder.request = Some(request.raw.clone());
        builder
    }

    pub(super) fn reply_to_salvage(salvage: &Salvage<'_>, status: StatusCode) -> Self {
        let mut builder = ResponseBuilder::new(status);
        for (name, value) in salvage.fields() {
            builder.copy(name, value);
        }
        builder
    }

    /// Adds a tag to To when the request had none (RFC 3261 §8.2.6.2).
    #[must_use]
    pub fn to_tag(mut self, tag: &str) -> Self {
        let tag: String = tag.chars().filter(|c| c.is_ascii() && is_token(*c as u8)).collect();
        if let Some(at) = self.untagged_to.take().filter(|_| !tag.is_empty()) {
            let param = format!(";tag={tag}");
            self.lines.head.splice(at..at, param.into_bytes());
        }
        self
    }

    /// Copies the request's Record-Route, as every response that makes a dialog must (RFC 3261 §12.1.1).
    #[must_use]
    pub fn record_route(mut self) -> Self {
        if let Some(request) = self.request.take() {
            for value in request.headers(HeaderName::RecordRoute) {
                self.lines.raw(&HeaderName::RecordRoute, value);
            }
        }
        self
    }

    /// The finished response, with its Content-Length.
    pub fn build(self) -> Response {
        let (raw, start_line) = Raw::own(self.lines.finish());
        Response::from_raw(raw, start_line).expect("the builder writes a well-formed status line")
    }

    fn copy(&mut self, name: HeaderName, value: &[u8]) {
        self.lines.raw(&name, value);
        if name == HeaderName::To && !has_tag(value) {
            self.untagged_to = Some(self.lines.head.len() - 2);
        }
    }
}

fn has_tag(to: &[u8]) -> bool {
    let parsed: Result<NameAddr, Malformed> = NameAddr::parse(to);
    parsed.is_ok_and(|to| to.params().get("tag").is_some())
}

macro_rules! build_headers {
    ($builder:ident) => {
        impl $builder {
            /// Adds a header; Content-Length is left to `build`.
            #[must_use]
            pub fn header<H: Header>(mut self, header: &H) -> Self {
                self.lines.header(header);
                self
            }

            /// Adds a header as bytes; Content-Length is left to `build`.
            #[must_use]
            pub fn raw(mut self, name: HeaderName, value: impl AsRef<[u8]>) -> Self {
                self.lines.raw(&name, value.as_ref());
                self
            }

            /// Sets the body and its Content-Type.
            #[must_use]
            pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
                self.lines.raw(&HeaderName::ContentType, content_type.as_bytes());
                self.lines.body = body.into();
                self
            }
        }

        impl fmt::Debug for $builder {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({} octets)", stringify!($builder), self.lines.head.len())
            }
        }
    };
}

build_headers!(RequestBuilder);
build_headers!(ResponseBuilder);

/// Header lines on their way out.
#[derive(Clone, Default)]
pub(super) struct Lines {
    head: Vec<u8>,
    body: Bytes,
}

impl Lines {
    pub(super) fn header<H: Header>(&mut self, header: &H) {
        if H::NAME == HeaderName::ContentLength {
            return;
        }
        self.bytes(H::NAME.as_str().as_bytes());
        self.bytes(b": ");
        self.text(header);
        self.bytes(b"\r\n");
    }

    pub(super) fn raw(&mut self, name: &HeaderName, value: &[u8]) {
        if *name == HeaderName::ContentLength {
            return;
        }
        self.bytes(name.as_str().as_bytes());
        self.bytes(b": ");
        self.head
            .extend(unfold(value).iter().map(|&b| if is_lws(b) { b' ' } else { b }));
        self.bytes(b"\r\n");
    }

    pub(super) fn into_head(self) -> Vec<u8> {
        self.head
    }

    pub(super) fn request_line(&mut self, method: &[u8], uri: impl fmt::Display) {
        self.bytes(method);
        self.bytes(b" ");
        let start = self.head.len();
        write!(UriSink(&mut self.head), "{uri}").expect("printing into memory does not fail");
        if self.head.len() == start {
            self.bytes(b"invalid:");
        }
        self.bytes(b" SIP/2.0\r\n");
    }

    fn text(&mut self, text: impl fmt::Display) {
        write!(LineSink(&mut self.head), "{text}").expect("printing into memory does not fail");
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.head.extend_from_slice(bytes);
    }

    fn finish(mut self) -> Vec<u8> {
        let length = self.body.len();
        self.head.reserve(length + 32);
        self.text(format_args!("Content-Length: {length}"));
        self.bytes(b"\r\n\r\n");
        self.head.extend_from_slice(&self.body);
        self.head
    }
}

/// Lets no line end through.
struct LineSink<'a>(&'a mut Vec<u8>);

impl Write for LineSink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0
            .extend(text.bytes().map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { b }));
        Ok(())
    }
}

/// Lets only what a Request-URI may contain through, and the rest percent-encoded.
struct UriSink<'a>(&'a mut Vec<u8>);

impl Write for UriSink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if is_uri_octet(byte) {
                self.0.push(byte);
            } else {
                self.0.extend_from_slice(format!("%{byte:02X}").as_bytes());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{
        Message,
        header::{MaxForwards, To},
    };

    #[test]
    fn no_value_can_end_its_line() {
        let evil = "x\r\nVia: SIP/2.0/UDP evil\r\n\r\nbody";
        let request = Request::builder(Method::Message, evil)
            .raw(HeaderName::Subject, evil)
            .raw(HeaderName::ContentLength, "7")
            .header(&MaxForwards::new(70))
            .body(evil, "hello")
            .build();
        assert_eq!(request.headers(HeaderName::Via).count(), 0);
        assert_eq!(request.body(), "hello");
        let read = Message::parse(request.bytes().clone()).unwrap();
        assert_eq!(read, Message::Request(request));
    }

    #[test]
    fn a_reply_repeats_what_identifies_the_request() {
        let request = Request::builder(Method::Invite, "sip:a@b")
            .raw(HeaderName::Via, "SIP/2.0/UDP one;branch=z9hG4bK1")
            .raw(HeaderName::RecordRoute, "<sip:p;lr>")
            .raw(HeaderName::Via, "SIP/2.0/UDP two")
            .raw(HeaderName::From, "<sip:c@d>;tag=1")
            .raw(HeaderName::To, "sip:a@b")
            .raw(HeaderName::CallId, "x")
            .raw(HeaderName::CSeq, "1 INVITE")
            .build();
        let reply = Response::reply_to(&request, StatusCode::RINGING)
            .to_tag("t1")
            .record_route()
            .build();
        let text = String::from_utf8(reply.bytes().to_vec()).unwrap();
        assert_eq!(
            text,
            "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP one;branch=z9hG4bK1\r\nVia: SIP/2.0/UDP two\r\n\
             From: <sip:c@d>;tag=1\r\nTo: sip:a@b;tag=t1\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\
             Record-Route: <sip:p;lr>\r\nContent-Length: 0\r\n\r\n"
        );
        let tagged = request.replace(&reply.require::<To>().unwrap());
        let again = Response::reply_to(&tagged, StatusCode::OK).to_tag("t2").build();
        assert_eq!(again.require::<To>().unwrap().tag(), Some("t1"));
    }
}
