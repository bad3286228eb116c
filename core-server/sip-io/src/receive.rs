//! From received bytes to the transactions and the user: keep-alives, broken messages, new requests.

use std::hash::{DefaultHasher, Hasher};

use bytes::Bytes;
use wigwag_sansio::{Machine, Now};
use wigwag_sip::{
    transaction::{Link, Packet, Received, Refusal},
    wire::{
        HeaderName, Message, Method, ParseError, Request, Response, ResponseBuilder, StatusCode, StreamDecoder,
        header::{MaxForwards, RetryAfter},
    },
};

use crate::{Endpoint, Flow, Incoming, Offered, Verdict, stun};

/// The answer to a CRLF keep-alive, or to what else phones send to keep a NAT open, which needs none (RFC 5626 §3.5.1).
pub(crate) fn pong(datagram: &[u8]) -> Option<&'static [u8]> {
    match datagram {
        StreamDecoder::PING => Some(StreamDecoder::PONG),
        _ => None,
    }
}

impl<O: Clone + Send + 'static> Endpoint<O> {
    /// Takes one datagram: a keep-alive, STUN, or a message.
    pub(crate) fn receive_datagram(&self, datagram: Bytes, flow: &Flow, now: Now) {
        if let Some(pong) = pong(&datagram) {
            self.metrics().keep_alives.increment();
            self.send_datagram(&Bytes::from_static(pong), flow);
        } else if stun::is_stun(&datagram) {
            if let Some(answer) = stun::answer(&datagram, flow.remote) {
                self.metrics().keep_alives.increment();
                self.send_datagram(&answer.into(), flow);
            }
        } else if !datagram.iter().all(u8::is_ascii_whitespace) {
            self.receive(Message::parse(datagram), flow, now);
        }
    }

    /// Takes one message, or what was meant to be one.
    pub(crate) fn receive(&self, message: Result<Message, ParseError>, flow: &Flow, now: Now) {
        let message = match message {
            Ok(message) => message,
            Err(error) => return self.refuse(error.reply(), flow, now),
        };
        self.metrics().received.count(message.bytes());
        match message {
            Message::Request(request) => self.receive_request(&request, flow, now),
            Message::Response(response) => self.receive_response(response, flow, now),
        }
    }

    fn receive_request(&self, request: &Request, flow: &Flow, now: Now) {
        let noted = match request.validate() {
            Ok(()) => request.with_received(flow.remote).map_err(|_| StatusCode::BAD_REQUEST),
            Err(violation) => Err(violation.status()),
        };
        match noted {
            Ok(request) if is_out_of_hops(&request) => self.answer(&request, StatusCode::TOO_MANY_HOPS, flow, now),
            Ok(request) => self.step_with(Message::Request(request), flow, now),
            Err(status) => {
                let is_answered = *request.method() != Method::Ack;
                let reply = is_answered.then(|| Response::reply_to(request, status));
                self.refuse(reply, flow, now);
            }
        }
    }

    fn receive_response(&self, response: Response, flow: &Flow, now: Now) {
        match response.validate() {
            Ok(()) => self.step_with(Message::Response(response), flow, now),
            Err(_) => self.count_malformed(flow.transport, now),
        }
    }

    fn step_with(&self, message: Message, flow: &Flow, now: Now) {
        let call_id = match &message {
            Message::Request(request) => request.header(HeaderName::CallId),
            Message::Response(response) => response.header(HeaderName::CallId),
        };
        let shard = self.shard_of(call_id.unwrap_or_default());
        let ((), outputs) = shard.step(|layer| layer.handle(Received { message, flow: flow.id }, now));
        self.carry_out(outputs, Some(flow), now);
    }

    /// Asks the user what becomes of a new request.
    pub(crate) fn offer(&self, request: Request, flow: &Flow, now: Now) {
        let Some(sink) = self.sink() else { return };
        match sink.offered(Offered {
            request: &request,
            flow,
        }) {
            Verdict::Accept => {}
            Verdict::Reply(response) => return self.transmit(flow.id, &Packet::from(&response), None, now),
            Verdict::Drop => return,
        }
        let shard = self.shard_of(request.header(HeaderName::CallId).unwrap_or_default());
        let (accepted, outputs) = shard.step(|layer| layer.accept(&request, flow.id, now));
        self.carry_out(outputs, Some(flow), now);
        match accepted {
            Ok(key) => sink.request(Incoming {
                key,
                request,
                flow: *flow,
            }),
            Err(Refusal::Full) => self.answer_overloaded(&request, flow, now),
            Err(Refusal::Duplicate | Refusal::Unidentified) => {}
        }
    }

    fn answer_overloaded(&self, request: &Request, flow: &Flow, now: Now) {
        self.metrics().overloaded.increment();
        let busy = Response::reply_to(request, StatusCode::SERVICE_UNAVAILABLE).header(&RetryAfter::new(RETRY_AFTER_S));
        self.reply(busy, flow, now);
    }

    fn answer(&self, request: &Request, status: StatusCode, flow: &Flow, now: Now) {
        self.reply(Response::reply_to(request, status), flow, now);
    }

    /// Counts what is no valid message, and answers it where that is possible.
    fn refuse(&self, reply: Option<ResponseBuilder>, flow: &Flow, now: Now) {
        self.count_malformed(flow.transport, now);
        if let Some(reply) = reply {
            self.reply(reply, flow, now);
        }
    }

    /// Answers without a transaction: the same request gets the same tag (RFC 3261 §8.2.7).
    fn reply(&self, reply: ResponseBuilder, flow: &Flow, now: Now) {
        let mut identity = DefaultHasher::new();
        identity.write(reply.clone().build().bytes());
        let response = reply.to_tag(&format!("{:016x}", identity.finish())).build();
        self.transmit(flow.id, &Packet::from(&response), None, now);
    }

    fn send_datagram(&self, bytes: &Bytes, flow: &Flow) {
        if let Link::Datagram { socket, local, remote } = flow.id.link {
            self.send_from(socket, local, remote, bytes);
        }
    }
}

/// What we may pass on must not have travelled too far (RFC 3261 §16.3); the rest ends here anyway.
fn is_out_of_hops(request: &Request) -> bool {
    let ends_here = matches!(
        request.method(),
        Method::Ack | Method::Cancel | Method::Bye | Method::Options | Method::Register
    );
    !ends_here
        && request
            .typed::<MaxForwards>()
            .is_ok_and(|hops| hops.is_some_and(|hops| hops.hops() == 0))
}

const RETRY_AFTER_S: u32 = 5;
