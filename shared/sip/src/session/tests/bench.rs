//! One session on virtual time against a peer that the test plays, drawn as a ladder.
//!
//! `→` the session sends, `←` it receives, `!` the owner commands, `*` it tells the owner; time stands alone.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use wigwag_sansio::{
    Entropy, Pii, Secret,
    testing::{FreezeThaw, VirtualClock},
};

use crate::{
    digest::Login,
    session::{
        Command, Credentials, Extra, Input, Invitation, OfferBy, Outgoing, Output, RequestToken, Sdp, Session,
        Settings, TimerPolicy,
        ladder::{event_line, quoted, request_line, response_line},
    },
    transaction::{Failure, ServerKey},
    wire::{
        HeaderName, Method, Request, RequestBuilder, Response, StatusCode, Uri,
        header::{CallId, Contact, From, RSeq, Reason, Route, To},
    },
};

pub(super) const CALL_ID: &str = "call-1";
/// The tag of the peer, unless a test says otherwise.
pub(super) const PEER: &str = "peer";

/// A session under test and the peer's side of its dialog.
pub(super) struct Bench {
    machine: FreezeThaw<Session>,
    clock: VirtualClock,
    ladder: Vec<String>,
    sent: Vec<(RequestToken, Request)>,
    acks: Vec<Request>,
    received: BTreeMap<u64, Request>,
    keys: u64,
    cseq: u32,
    /// Of the peer's last INVITE.
    invite_cseq: u32,
    /// Of the session's last reliable provisional answer.
    rseq: u32,
}

/// What a session is made of in these tests.
#[derive(Default)]
pub(super) struct Make {
    pub(super) timer: Option<TimerPolicy>,
    pub(super) password: Option<&'static str>,
    pub(super) routes: Vec<&'static str>,
    pub(super) offerless: bool,
}

impl Make {
    /// A session that calls.
    pub(super) fn caller(self) -> Bench {
        let outgoing = Outgoing {
            request_uri: uri("sip:bob@biloxi.example"),
            from: From::new(uri("sip:alice@atlanta.example")),
            to: To::new(uri("sip:bob@biloxi.example")),
            call_id: CallId::new(CALL_ID).unwrap(),
            routes: self.routes.iter().map(|hop| Route::new(uri(hop))).collect(),
            max_forwards: 70,
            headers: vec![
                Extra::new(HeaderName::Subject, "lunch"),
                Extra::new(HeaderName::Via, "x"),
            ],
            sdp: (!self.offerless).then(|| sdp("offer")),
        };
        Bench::new(Session::outgoing(outgoing, self.settings(), Entropy::from_number(1)))
    }

    /// A session that is called, with the headers of `invite` and perhaps an offer in its body.
    pub(super) fn callee(self, invite: RequestBuilder) -> Result<(Bench, Invitation), Response> {
        self.callee_from(invite.build())
    }

    /// A session that is called by this request.
    pub(super) fn callee_from(self, request: Request) -> Result<(Bench, Invitation), Response> {
        let key = server_key(1);
        let (session, invitation) = Session::incoming(key, request.clone(), self.settings(), Entropy::from_number(1))?;
        let mut bench = Bench::new(session);
        bench.keys = 1;
        bench.ladder.insert(0, format!("← {}", request_line(&request)));
        bench.received.insert(1, request);
        Ok((bench, invitation))
    }

    fn settings(&self) -> Settings {
        Settings {
            contact: Contact::new(uri("sip:us@192.0.2.1")),
            headers: Vec::new(),
            timer: self.timer.unwrap_or_default(),
            credentials: self.password.map(|password| Credentials {
                realm: Some("biloxi.example".into()),
                login: Login {
                    username: Pii::new("alice".into()),
                    password: Secret::new(password.into()),
                },
            }),
        }
    }
}

impl Bench {
    fn new(session: Session) -> Self {
        let mut bench = Bench {
            machine: FreezeThaw::new(session),
            clock: VirtualClock::default(),
            ladder: Vec::new(),
            sent: Vec::new(),
            acks: Vec::new(),
            received: BTreeMap::new(),
            keys: 0,
            cseq: 1,
            invite_cseq: 1,
            rseq: 0,
        };
        let now = bench.clock.now();
        let outputs = bench.machine.handle_timeout(now);
        bench.note(outputs);
        bench
    }

    /// A call that the session made, answered with `answer`.
    pub(super) fn called() -> Bench {
        Bench::called_with(Make::default(), &[("Allow", "INVITE, UPDATE, BYE")])
    }

    /// The same, with other settings and headers of the 200; the ladder so far is thrown away.
    pub(super) fn called_with(make: Make, headers: &[(&str, &str)]) -> Bench {
        let mut bench = make.caller();
        bench.answers(200, PEER, headers, "answer");
        bench.forget();
        bench
    }

    /// A call that the session answered and that is acknowledged; the ladder so far is thrown away.
    pub(super) fn answered() -> Bench {
        Bench::answered_with(Make::default(), &[("Allow", "INVITE, UPDATE, BYE")])
    }

    /// The same, with other settings and headers of the INVITE.
    pub(super) fn answered_with(make: Make, headers: &[(&str, &str)]) -> Bench {
        let (mut bench, _) = make.callee(invite(headers).body("application/sdp", "offer")).unwrap();
        bench.accept("answer");
        bench.acks_with("");
        bench.forget();
        bench
    }

    /// Starts the ladder afresh.
    pub(super) fn forget(&mut self) {
        self.ladder.clear();
    }

    /// Everything so far.
    pub(super) fn ladder(&self) -> String {
        self.ladder.join("\n")
    }

    pub(super) fn session(&self) -> &Session {
        self.machine.inner()
    }

    pub(super) fn is_over(&self) -> bool {
        self.machine.inner().is_over()
    }

    pub(super) fn sleeps(&self) -> bool {
        self.machine.deadline().is_none()
    }

    pub(super) fn last_request(&self) -> &Request {
        &self.sent.last().unwrap().1
    }

    pub(super) fn last_ack(&self) -> &Request {
        self.acks.last().unwrap()
    }

    /// How large the session is when frozen.
    pub(super) fn frozen_len(&self) -> usize {
        postcard::to_allocvec(self.machine.inner()).unwrap().len()
    }

    /// The owner commands.
    pub(super) fn command(&mut self, command: Command) {
        self.ladder.push(format!("! {}", words_of(&command)));
        self.put(Input::Command(command));
    }

    pub(super) fn accept(&mut self, body: &str) {
        let (sdp, headers) = (sdp(body), Vec::new());
        self.command(Command::Accept { sdp, headers });
    }

    pub(super) fn progress(&mut self, code: u16, body: &str) {
        let (status, headers) = (status(code), Vec::new());
        let sdp = (!body.is_empty()).then(|| sdp(body));
        self.command(Command::Progress { status, sdp, headers });
    }

    pub(super) fn offer(&mut self, body: &str, by: OfferBy) {
        let sdp = (!body.is_empty()).then(|| sdp(body));
        self.command(Command::Offer { sdp, by });
    }

    pub(super) fn answer_offer(&mut self, body: &str) {
        self.command(Command::AnswerOffer { sdp: sdp(body) });
    }

    pub(super) fn end(&mut self) {
        let reasons = vec![Reason::q850(16, "")];
        self.command(Command::End { status: None, reasons });
    }

    /// The peer answers the last request.
    pub(super) fn answers(&mut self, code: u16, tag: &str, headers: &[(&str, &str)], body: &str) {
        self.answers_nth(self.sent.len() - 1, code, tag, headers, body);
    }

    /// The peer answers the request that was sent as the `nth`, counted from 0.
    pub(super) fn answers_nth(&mut self, nth: usize, code: u16, tag: &str, headers: &[(&str, &str)], body: &str) {
        let (token, request) = self.sent[nth].clone();
        let mut reply = Response::reply_to(&request, status(code)).to_tag(tag);
        if code < 300 {
            reply = reply.raw(HeaderName::Contact, format!("<sip:{tag}@198.51.100.1>"));
        }
        for (name, value) in headers {
            reply = reply.raw(HeaderName::new(name).unwrap(), value);
        }
        if !body.is_empty() {
            reply = reply.body("application/sdp", body.to_owned());
        }
        let response = reply.build();
        let tag = if tag == PEER {
            String::new()
        } else {
            format!(" ({tag})")
        };
        self.ladder.push(format!("← {}{tag}", response_line(&response)));
        self.put(Input::Response { token, response });
    }

    /// The last request finds no answer.
    pub(super) fn fails(&mut self, failure: Failure) {
        let token = self.sent.last().unwrap().0;
        self.ladder.push(format!("← {failure:?}"));
        self.put(Input::Failed { token, failure });
    }

    /// How many requests the session has sent.
    pub(super) fn requests_sent(&self) -> usize {
        self.sent.len()
    }

    /// Every request so far is given up.
    pub(super) fn fail_all(&mut self) {
        for (token, _) in self.sent.clone() {
            let failure = Failure::Timeout;
            self.put(Input::Failed { token, failure });
        }
    }

    /// The peer sends the next request of the dialog; a body is SDP, or `type|body`.
    pub(super) fn requests(&mut self, method: Method, headers: &[(&str, &str)], body: &str) {
        self.cseq += 1;
        let number = self.cseq;
        if method == Method::Invite {
            self.invite_cseq = number;
        }
        self.requests_as(method, number, PEER, headers, body);
    }

    /// The peer sends a request with this number from the branch with this tag.
    pub(super) fn requests_as(&mut self, method: Method, number: u32, tag: &str, headers: &[(&str, &str)], body: &str) {
        let request = self.peer_request(method, number, tag, headers, body);
        self.keys += 1;
        self.ladder.push(format!("← {}", request_line(&request)));
        self.received.insert(self.keys, request.clone());
        let key = server_key(self.keys);
        self.put(Input::Request { key, request });
    }

    /// The peer cancels its INVITE, the `nth` request that it sent, counted from 1.
    pub(super) fn cancels(&mut self, nth: u64, headers: &[(&str, &str)]) {
        let request = self.peer_request(Method::Cancel, self.invite_cseq, PEER, headers, "");
        self.ladder.push(format!("← {}", request_line(&request)));
        let key = server_key(nth);
        self.put(Input::Cancel { key, request });
    }

    /// The peer acknowledges the session's last 2xx.
    pub(super) fn acks_with(&mut self, body: &str) {
        let request = self.peer_request(Method::Ack, self.invite_cseq, PEER, &[], body);
        self.ladder.push(format!("← {}", request_line(&request)));
        self.put(Input::Ack(request));
    }

    /// The peer confirms the session's last reliable provisional answer.
    pub(super) fn confirms(&mut self, body: &str) {
        let rack = format!("{} 1 INVITE", self.rseq);
        self.requests(Method::Prack, &[("RAck", &rack)], body);
    }

    /// Time passes.
    pub(super) fn wait(&mut self, duration: Duration) {
        let end = self.clock.now().tick + duration;
        while let Some(deadline) = self.machine.deadline().filter(|deadline| *deadline <= end) {
            let now = self.clock.advance_to(deadline);
            let outputs = self.machine.handle_timeout(now);
            if !outputs.is_empty() {
                self.ladder.push(format!("{} ms", now.tick.as_micros() / 1000));
            }
            self.note(outputs);
        }
        self.clock.advance_to(end);
    }

    pub(super) fn put(&mut self, input: Input) {
        let outputs = self.machine.handle(input, self.clock.now());
        self.note(outputs);
    }

    /// The key of the `nth` request that the peer sent, counted from 1.
    pub(super) fn key(nth: u64) -> ServerKey {
        server_key(nth)
    }

    fn peer_request(&self, method: Method, number: u32, tag: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let local_tag = &self.machine.inner().key().local_tag;
        let mut request = start(method, number, headers)
            .raw(HeaderName::From, format!("<sip:peer@biloxi.example>;tag={tag}"))
            .raw(HeaderName::To, format!("<sip:us@atlanta.example>;tag={local_tag}"));
        for (name, value) in headers {
            request = request.raw(HeaderName::new(name).unwrap(), value);
        }
        match body.split_once('|') {
            Some((content_type, body)) => request.body(content_type, body.to_owned()).build(),
            None if body.is_empty() => request.build(),
            None => request.body("application/sdp", body.to_owned()).build(),
        }
    }

    fn note(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            let line = match output {
                Output::Request { token, request, .. } => {
                    let line = format!("→ {}", request_line(&request));
                    self.sent.push((token, request));
                    line
                }
                Output::Ack { request, .. } => {
                    let line = format!("→ {}", request_line(&request));
                    self.acks.push(request);
                    line
                }
                Output::Cancel { token, reasons } => {
                    let request = self
                        .sent
                        .iter()
                        .find(|(sent, _)| *sent == token)
                        .map(|(_, request)| request);
                    assert_eq!(request.unwrap().method(), &Method::Invite);
                    let reasons: Vec<String> = reasons.iter().map(Reason::to_string).collect();
                    format!("→ CANCEL {}", reasons.join(", ")).trim_end().to_owned()
                }
                Output::Respond { key, response } => {
                    let request = self
                        .received
                        .iter()
                        .find(|(number, _)| server_key(**number) == key)
                        .unwrap()
                        .1;
                    assert_eq!(request.header(HeaderName::CSeq), response.header(HeaderName::CSeq));
                    self.rseq = response.typed().unwrap().map_or(self.rseq, |rseq: RSeq| rseq.number());
                    format!("→ {}", response_line(&response))
                }
                Output::Event(event) => format!("* {}", event_line(&event)),
            };
            self.ladder.push(line);
        }
    }
}

/// The beginning of the INVITE that the peer sends.
pub(super) fn invite(headers: &[(&str, &str)]) -> RequestBuilder {
    let request = start(Method::Invite, 1, headers)
        .raw(HeaderName::From, format!("<sip:peer@biloxi.example>;tag={PEER}"))
        .raw(HeaderName::To, "<sip:us@atlanta.example>");
    headers.iter().fold(request, |request, (name, value)| {
        request.raw(HeaderName::new(name).unwrap(), value)
    })
}

fn start(method: Method, number: u32, headers: &[(&str, &str)]) -> RequestBuilder {
    let has_contact = headers.iter().any(|(name, _)| *name == "Contact");
    let request = Request::builder(method.clone(), "sip:us@192.0.2.1")
        .raw(
            HeaderName::Via,
            format!("SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK{number}"),
        )
        .raw(HeaderName::CallId, CALL_ID)
        .raw(HeaderName::CSeq, format!("{number} {method}"));
    if !has_contact && matches!(method, Method::Invite | Method::Update) {
        return request.raw(HeaderName::Contact, "<sip:peer@198.51.100.1>");
    }
    request
}

fn words_of(command: &Command) -> String {
    match command {
        Command::Progress { status, sdp, .. } => format!("Progress {status}{}", quoted(sdp.as_ref())),
        Command::Accept { sdp, .. } => format!("Accept{}", quoted(Some(sdp))),
        Command::Reject { status, .. } => format!("Reject {status}"),
        Command::Offer { sdp, by } => format!("Offer by {by:?}{}", quoted(sdp.as_ref())),
        Command::AnswerOffer { sdp } => format!("AnswerOffer{}", quoted(Some(sdp))),
        Command::RefuseOffer { status } => format!("RefuseOffer {status}"),
        Command::Send { method, .. } => format!("Send {method}"),
        Command::Respond { status, .. } => format!("Respond {status}"),
        Command::AcceptReferral { .. } => "AcceptReferral".into(),
        Command::RefuseReferral { status, .. } => format!("RefuseReferral {status}"),
        Command::TellReferral { status, .. } => format!("TellReferral {status}"),
        Command::End { .. } => "End".into(),
    }
}

pub(super) fn sdp(body: &str) -> Sdp {
    Sdp(Bytes::copy_from_slice(body.as_bytes()))
}

pub(super) fn status(code: u16) -> StatusCode {
    StatusCode::new(code).unwrap()
}

pub(super) fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

fn server_key(number: u64) -> ServerKey {
    postcard::from_bytes(&postcard::to_allocvec(&number).unwrap()).unwrap()
}
