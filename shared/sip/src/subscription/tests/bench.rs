//! One subscription on virtual time, drawn as a ladder.
//!
//! `→` the notifier sends, `←` it receives, `*` it tells its owner; time stands alone.

use std::time::Duration;

use wigwag_sansio::{
    Entropy,
    testing::{FreezeThaw, VirtualClock},
};

use crate::{
    event_body::{Body, MessageSummary},
    subscription::{Asked, End, Input, NotifyToken, Output, Subscription, Terms},
    transaction::{Failure, ServerKey},
    wire::{
        HeaderName, Method, Request, RequestBuilder, Response, StatusCode, Uri,
        header::{CSeq, Contact},
    },
};

/// A subscription under test, and the subscriber's side of it.
#[derive(Debug)]
pub(super) struct Bench {
    machine: FreezeThaw<Subscription>,
    pub(super) clock: VirtualClock,
    ladder: Vec<String>,
    sent: Vec<(NotifyToken, Request)>,
    responses: Vec<Response>,
    cseq: u32,
}

pub(super) const SUBSCRIBE: &[(&str, &str)] = &[("Event", "message-summary"), ("Expires", "600")];

impl Bench {
    /// A phone subscribes to messages for ten minutes.
    pub(super) fn new() -> Bench {
        Bench::with(SUBSCRIBE).unwrap_or_else(|refusal| panic!("refused: {}", refusal.status()))
    }

    /// A phone subscribes with these headers.
    pub(super) fn with(headers: &[(&str, &str)]) -> Result<Bench, Response> {
        let clock = VirtualClock::default();
        let request = subscribe(1, headers, None);
        let asked = Asked::read(server_key(1), &request, Terms::default())?;
        let contact = Contact::new(uri("sip:us@192.0.2.1"));
        let mut entropy = Entropy::from_number(1);
        let subscription = Subscription::begin(asked, waiting(0), contact, &mut entropy, clock.now())?;
        let mut bench = Bench {
            machine: FreezeThaw::new(subscription),
            clock,
            ladder: vec![format!("← SUBSCRIBE 1{}", notes(&request))],
            sent: Vec::new(),
            responses: Vec::new(),
            cseq: 1,
        };
        let now = bench.clock.now();
        let outputs = bench.machine.handle_timeout(now);
        bench.note(outputs);
        Ok(bench)
    }

    pub(super) fn news(&mut self, new: u32) {
        self.turn(Input::News(waiting(new)));
    }

    pub(super) fn end(&mut self, end: End) {
        self.turn(Input::End(end));
    }

    /// The subscriber answers the latest NOTIFY.
    pub(super) fn answers(&mut self, status: u16) {
        let (token, request) = self.sent.last().expect("a NOTIFY was sent").clone();
        let response = Response::reply_to(&request, StatusCode::new(status).unwrap()).build();
        self.ladder.push(format!("← {status}"));
        self.turn(Input::Response { token, response });
    }

    /// The latest NOTIFY is never answered.
    pub(super) fn is_silent(&mut self, failure: Failure) {
        let (token, _) = self.sent.last().expect("a NOTIFY was sent").clone();
        self.ladder.push(format!("← {failure:?}"));
        self.turn(Input::Failed { token, failure });
    }

    /// The subscriber sends a SUBSCRIBE in the dialog.
    pub(super) fn subscribes(&mut self, headers: &[(&str, &str)]) {
        self.cseq += 1;
        self.sends(self.cseq, headers);
    }

    /// The same with a sequence number of its own.
    pub(super) fn sends(&mut self, cseq: u32, headers: &[(&str, &str)]) {
        let tag = self.machine.inner().local_tag().to_string();
        let request = subscribe(cseq, headers, Some(&tag));
        self.ladder.push(format!("← SUBSCRIBE {cseq}{}", notes(&request)));
        let key = server_key(cseq.into());
        self.turn(Input::Request { key, request });
    }

    pub(super) fn passes(&mut self, duration: Duration) {
        self.ladder.push(format!("{duration:?}"));
        let now = self.clock.advance(duration);
        let outputs = self.machine.handle_timeout(now);
        self.note(outputs);
    }

    pub(super) fn restarts(&mut self) {
        let now = self.clock.now();
        let ((), outputs) = self
            .machine
            .act(|subscription| subscription.resume(Duration::from_millis(300), now));
        self.ladder.push("restart".into());
        self.note(outputs);
    }

    /// The time until the machine wants to be called.
    pub(super) fn left(&self) -> Option<Duration> {
        let now = self.clock.now();
        self.machine.deadline().map(|deadline| deadline.since(now.tick))
    }

    pub(super) fn last_notify(&self) -> &Request {
        &self.sent.last().expect("a NOTIFY was sent").1
    }

    pub(super) fn last_response(&self) -> &Response {
        self.responses.last().expect("a response was sent")
    }

    /// The ladder so far, which is forgotten.
    pub(super) fn ladder(&mut self) -> String {
        std::mem::take(&mut self.ladder).join("\n")
    }

    fn turn(&mut self, input: Input) {
        let now = self.clock.now();
        let outputs = self.machine.handle(input, now);
        self.note(outputs);
    }

    fn note(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            let line = match output {
                Output::Respond { response, .. } => {
                    let line = format!("→ {}{}", response.status(), response_notes(&response));
                    self.responses.push(response);
                    line
                }
                Output::Notify { token, request, .. } => {
                    let cseq: CSeq = request.require().unwrap();
                    let line = format!("→ NOTIFY {}{}", cseq.number(), notes(&request));
                    self.sent.push((token, request));
                    line
                }
                Output::Renewed => "* renewed".into(),
                Output::Ended(end) => format!("* ended: {end:?}"),
            };
            self.ladder.push(line);
        }
    }
}

fn subscribe(cseq: u32, headers: &[(&str, &str)], to_tag: Option<&str>) -> Request {
    let to = to_tag.map_or("<sip:201@pbx.example>".to_owned(), |tag| {
        format!("<sip:201@pbx.example>;tag={tag}")
    });
    let request = Request::builder(Method::Subscribe, "sip:201@pbx.example")
        .raw(HeaderName::Via, "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1")
        .raw(HeaderName::RecordRoute, "<sip:proxy.example;lr>")
        .raw(HeaderName::From, "<sip:202@pbx.example>;tag=phone")
        .raw(HeaderName::To, to)
        .raw(HeaderName::CallId, "call-1")
        .raw(HeaderName::CSeq, format!("{cseq} SUBSCRIBE"))
        .raw(HeaderName::Contact, format!("<sip:phone@192.0.2.9:{}>", 5060 + cseq));
    let add =
        |request: RequestBuilder, (name, value): &(&str, &str)| request.raw(HeaderName::new(name).unwrap(), value);
    headers.iter().fold(request, add).build()
}

fn notes(request: &Request) -> String {
    let mut notes = String::new();
    for name in [HeaderName::Event, HeaderName::Expires, HeaderName::SubscriptionState] {
        if let Some(value) = request.header(name) {
            notes += &format!(" {}", String::from_utf8_lossy(value));
        }
    }
    let body = request.body();
    let voice = body
        .split(|byte| *byte == b'\n')
        .find(|line| line.starts_with(b"Voice"));
    if let Some(line) = voice {
        notes += &format!(" «{}»", String::from_utf8_lossy(line).trim());
    }
    notes
}

fn response_notes(response: &Response) -> String {
    let shown = [
        HeaderName::Expires,
        HeaderName::MinExpires,
        HeaderName::AllowEvents,
        HeaderName::Accept,
    ];
    let note = |name: HeaderName| {
        let value = response.header(name.clone())?;
        Some(format!(" {name}: {}", String::from_utf8_lossy(value)))
    };
    shown.into_iter().filter_map(note).collect()
}

pub(super) fn waiting(new: u32) -> Body {
    Body::Messages(MessageSummary {
        account: uri("sip:*95@pbx.example"),
        new,
        old: 0,
    })
}

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

fn server_key(number: u64) -> ServerKey {
    ServerKey::new(0, number)
}
