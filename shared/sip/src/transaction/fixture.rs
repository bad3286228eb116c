//! Messages and a stop watch for the tests of the transactions.

use std::time::Duration;

use wigwag_sansio::{
    Machine, Now,
    testing::{FreezeThaw, VirtualClock},
};

use crate::wire::{HeaderName, Method, Request, Response, StatusCode, header::CSeq};

/// A request as a peer or owner would make it, with the given top Via.
pub(super) fn request(method: Method, via: &str) -> Request {
    unsent(method).raw(HeaderName::Via, via).build()
}

/// A request without a Via.
pub(super) fn unsent(method: Method) -> crate::wire::RequestBuilder {
    Request::builder(method.clone(), "sip:bob@biloxi.example")
        .raw(HeaderName::From, "<sip:alice@atlanta.example>;tag=88sja8x")
        .raw(HeaderName::To, "<sip:bob@biloxi.example>")
        .raw(HeaderName::CallId, "987asjd97y7atg")
        .raw(HeaderName::Route, "<sip:proxy.atlanta.example;lr>")
        .header(&CSeq::new(986_759, method))
}

/// The response of a peer or user, tagged.
pub(super) fn response(request: &Request, code: u16) -> Response {
    let status = StatusCode::new(code).expect("tests use status codes");
    Response::reply_to(request, status).to_tag("99sa0xk").build()
}

pub(super) const VIA: &str = "SIP/2.0/UDP pc33.atlanta.example;branch=z9hG4bKkjshdyff";

/// A machine under test, frozen and thawed at every step, on virtual time.
pub(super) struct Bench<M> {
    machine: FreezeThaw<M>,
    clock: VirtualClock,
}

impl<M> Bench<M>
where
    M: Machine + serde::Serialize + serde::de::DeserializeOwned,
    M::Input: Clone,
    M::Output: std::fmt::Debug + serde::Serialize,
{
    /// The machine that `make` makes, without what it wants done first.
    pub(super) fn new(make: impl FnOnce(Now) -> M) -> Self {
        let clock = VirtualClock::default();
        let mut machine = make(clock.now());
        while machine.poll().is_some() {}
        Bench {
            machine: FreezeThaw::new(machine),
            clock,
        }
    }

    /// What an input causes, in words.
    pub(super) fn put(&mut self, input: M::Input) -> String {
        words(self.machine.handle(input, self.clock.now()))
    }

    /// What the timers cause until `until_ms` milliseconds after the start, as `at ms: words`.
    pub(super) fn run_until(&mut self, until_ms: u64) -> Vec<String> {
        let end = VirtualClock::default().now().tick + Duration::from_millis(until_ms);
        let mut happened = Vec::new();
        while let Some(deadline) = self.machine.deadline().filter(|&deadline| deadline <= end) {
            let now = self.clock.advance_to(deadline);
            let outputs = words(self.machine.handle_timeout(now));
            happened.push(format!("{}: {outputs}", now.tick.as_micros() / 1000));
        }
        self.clock.advance_to(end);
        happened
    }

    /// Whether the machine wants to be called at all.
    pub(super) fn sleeps(&self) -> bool {
        self.machine.deadline().is_none()
    }
}

/// The names of the outputs, without what they carry.
fn words<O: std::fmt::Debug>(outputs: Vec<O>) -> String {
    let name = |output: O| {
        let text = format!("{output:?}");
        let end = text
            .find("(Pack")
            .or(text.find("(Req"))
            .or(text.find("(Resp"))
            .unwrap_or(text.len());
        text[..end].to_owned()
    };
    outputs.into_iter().map(name).collect::<Vec<_>>().join(", ")
}
