//! Requests that the transactions make out of an INVITE: its ACK (RFC 3261 §17.1.1.3) and its CANCEL (§9.1).

use crate::wire::{
    HeaderName, Method, Request, Response,
    header::{CSeq, MaxForwards, Reason},
};

/// The ACK of a final response other than 2xx: To is the response's, the rest the INVITE's.
pub(super) fn ack(invite: &Request, response: &Response) -> Request {
    derive(Method::Ack, invite, response.header(HeaderName::To), None)
}

/// The CANCEL of an INVITE that has had a provisional response.
pub(super) fn cancel(invite: &Request, reason: Option<&Reason>) -> Request {
    derive(Method::Cancel, invite, invite.header(HeaderName::To), reason)
}

/// The INVITE's topmost Via only, which is ours and a line of its own.
fn derive(method: Method, invite: &Request, to: Option<&[u8]>, reason: Option<&Reason>) -> Request {
    let number = invite.require::<CSeq>().map_or(0, |cseq| cseq.number());
    let mut builder = Request::builder(method.clone(), invite.uri_text());
    for name in [HeaderName::Via, HeaderName::From, HeaderName::CallId] {
        if let Some(value) = invite.header(name.clone()) {
            builder = builder.raw(name, value);
        }
    }
    if let Some(to) = to {
        builder = builder.raw(HeaderName::To, to);
    }
    for route in invite.headers(HeaderName::Route) {
        builder = builder.raw(HeaderName::Route, route);
    }
    if let Some(reason) = reason {
        builder = builder.header(reason);
    }
    builder
        .header(&CSeq::new(number, method))
        .header(&MaxForwards::new(70))
        .build()
}
