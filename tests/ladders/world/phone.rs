//! A phone: real sessions over real transactions, with a hand that presses its keys.

use std::{collections::BTreeMap, net::SocketAddr};

use bytes::Bytes;
use wigwag_sansio::{Entropy, Now, Tick, testing::FreezeThaw};
use wigwag_sip::{
    session::{Command, Event, Extra, Input, Output, RequestToken, Sdp, Session, Settings, TimerPolicy, ladder},
    transaction::{self, ClientKey, Failure, Layer, Received, ServerKey, Timers},
    wire::{
        HeaderName, Message, Method, Request, Response, Scheme, SipUri, StatusCode, Token, Uri,
        header::{CallId, Contact, NameAddr, Require, To},
    },
};

use super::{
    network::{Wire, host},
    office::username,
    voice::Voice,
};

/// Whose request a client transaction of a phone is.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) enum Owner {
    Line(usize, RequestToken),
    Register,
}

/// A phone.
#[derive(Debug)]
pub(crate) struct Phone {
    pub(crate) name: &'static str,
    pub(crate) wire: Wire,
    pub(crate) voice: Voice,
    /// Whether it answers proposals by itself, as phones do.
    pub(crate) answers_proposals: bool,
    /// Whether it only passes calls on to several phones of its own: the test answers each INVITE by hand.
    pub(crate) forks: bool,
    pub(crate) timer: TimerPolicy,
    /// Whether it wants provisional answers confirmed (RFC 3262): insists as a caller, and sends no others itself.
    pub(crate) reliable: bool,
    /// What it was told, in words.
    pub(crate) told: Vec<String>,
    pub(crate) out: Vec<Bytes>,
    pub(crate) invitations: Vec<(ServerKey, Request)>,
    pub(super) number: &'static str,
    layer: FreezeThaw<Layer<Owner>>,
    pub(super) lines: Vec<Line>,
    pub(super) entropy: Entropy,
    pub(super) register_id: CallId,
    pub(super) register_cseq: u32,
}

#[derive(Debug)]
pub(super) struct Line {
    session: FreezeThaw<Session>,
    clients: BTreeMap<RequestToken, ClientKey>,
    pub(super) invite: Option<ServerKey>,
    /// The offer that waits for an answer; none inside when one of ours is asked for.
    pub(super) offered: Option<Option<Sdp>>,
    /// The other side's tag, where it has said one before its answer.
    pub(super) told_tag: String,
}

impl Line {
    pub(super) fn session(&self) -> &Session {
        self.session.inner()
    }
}

impl Phone {
    pub(crate) fn new(name: &'static str, number: &'static str, wire: Wire, seed: u64) -> Self {
        let mut entropy = Entropy::from_number(seed);
        let settings = transaction::Settings {
            shard: 0,
            timers: Timers::RFC_3261,
            max_transactions: 1_000,
        };
        Phone {
            name,
            voice: Voice::new(SocketAddr::new(wire.phone.ip(), 4000)),
            wire,
            answers_proposals: true,
            forks: false,
            timer: TimerPolicy::default(),
            reliable: false,
            told: Vec::new(),
            out: Vec::new(),
            invitations: Vec::new(),
            number,
            layer: FreezeThaw::new(Layer::new(settings, entropy.fork())),
            lines: Vec::new(),
            register_id: CallId::new(&entropy.word(20)).unwrap(),
            register_cseq: 0,
            entropy,
        }
    }

    pub(crate) fn receive(&mut self, bytes: Bytes, now: Now) {
        let message = Message::parse(bytes).expect("the exchange writes well-formed messages");
        let flow = self.wire.to_exchange().flow;
        let outputs = self.layer.handle(Received { message, flow }, now);
        self.settle(outputs, now);
    }

    pub(crate) fn wake(&mut self, now: Now) {
        let outputs = self.layer.handle_timeout(now);
        self.settle(outputs, now);
        for index in 0..self.lines.len() {
            let line = &mut self.lines[index];
            if line.session.deadline().is_some_and(|at| at <= now.tick) {
                let outputs = line.session.handle_timeout(now);
                self.carry_out(index, outputs, now);
            }
        }
    }

    pub(crate) fn deadline(&self) -> Option<Tick> {
        let lines = self.lines.iter().map(|line| line.session.deadline());
        lines.chain([self.layer.deadline()]).flatten().min()
    }

    pub(crate) fn is_idle(&self) -> bool {
        let over = |line: &Line| line.session.inner().is_over();
        self.lines.iter().all(over) && self.layer.inner().transactions() == 0
    }

    /// Where others send to.
    pub(super) fn here(&self) -> Uri {
        let address = self.wire.phone;
        let uri = SipUri::new(Scheme::Sip, host(address.ip()))
            .with_user(&username(self.number))
            .with_port(Some(address.port()));
        Uri::from(match self.wire.connection() {
            Some(_) => uri.with_param("transport", Some("tls")),
            None => uri,
        })
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            contact: Contact::new(NameAddr::new(self.here())),
            headers: vec![Extra::new(HeaderName::UserAgent, self.name)],
            timer: self.timer,
            credentials: None,
        }
    }

    pub(super) fn line(&mut self) -> &mut Line {
        self.lines.last_mut().expect("the phone has a line")
    }

    pub(super) fn adopt(
        &mut self,
        session: Session,
        invite: Option<ServerKey>,
        offered: Option<Option<Sdp>>,
        now: Now,
    ) {
        self.lines.push(Line {
            session: FreezeThaw::new(session),
            clients: BTreeMap::new(),
            invite,
            offered,
            told_tag: String::new(),
        });
        let index = self.lines.len() - 1;
        let outputs = self.lines[index].session.handle_timeout(now);
        self.carry_out(index, outputs, now);
    }

    pub(super) fn feed(&mut self, index: usize, input: Input, now: Now) {
        let outputs = self.lines[index].session.handle(input, now);
        self.carry_out(index, outputs, now);
    }

    fn carry_out(&mut self, index: usize, outputs: Vec<Output>, now: Now) {
        for output in outputs {
            match output {
                Output::Request { token, request, .. } => {
                    let request = if self.reliable { insisting(&request) } else { request };
                    match self.request(Owner::Line(index, token), &request, now) {
                        Some(key) => {
                            self.lines[index].clients.insert(token, key);
                        }
                        None => {
                            let failure = Failure::Transport;
                            self.feed(index, Input::Failed { token, failure }, now);
                        }
                    }
                }
                Output::Cancel { token, reasons } => {
                    let key = self.lines[index].clients[&token];
                    let reason = reasons.into_iter().next();
                    let ((), outputs) = self.layer.act(|layer| layer.cancel(key, reason.clone(), now));
                    self.settle(outputs, now);
                }
                Output::Ack { request, .. } => {
                    let (branch, outputs) = self.layer.act(Layer::stateless_branch);
                    self.settle(outputs, now);
                    let via = self.wire.to_exchange().via(&branch);
                    self.out.push(request.with_via(&via).bytes().clone());
                }
                Output::Respond { key, response } => self.respond(key, response, now),
                Output::Event(event) => self.hear(index, event, now),
            }
        }
    }

    fn hear(&mut self, index: usize, event: Event, now: Now) {
        match &event {
            Event::Offered { sdp, .. } => {
                self.lines[index].offered = Some(sdp.clone());
                if self.answers_proposals {
                    self.answer_proposal(now);
                }
            }
            Event::Referred(referral) => {
                let (id, status) = (referral.id, StatusCode::NOT_IMPLEMENTED);
                self.feed(index, Input::Command(Command::RefuseReferral { id, status }), now);
            }
            Event::Other { key, request } => {
                let is_notify = *request.method() == Method::Notify;
                let command = Command::Respond {
                    key: *key,
                    status: if is_notify {
                        StatusCode::OK
                    } else {
                        StatusCode::NOT_IMPLEMENTED
                    },
                    headers: Vec::new(),
                    content: None,
                };
                self.feed(index, Input::Command(command), now);
            }
            Event::Ended(_) | Event::Digit(_) | Event::Replied { .. } | Event::OfferRefused { .. } => {
                self.told.push(ladder::event_line(&event));
            }
            Event::Progress { .. }
            | Event::Answered { .. }
            | Event::Confirmed { .. }
            | Event::OfferWithdrawn
            | Event::OfferAnswered { .. }
            | Event::Info(_) => {}
        }
    }

    fn settle(&mut self, outputs: Vec<transaction::Output<Owner>>, now: Now) {
        for output in outputs {
            let event = match output {
                transaction::Output::Send { packet, .. } => {
                    self.out.push(packet.into_bytes());
                    continue;
                }
                transaction::Output::Event(event) => event,
            };
            match event {
                transaction::Event::New(request) => self.take(request, now),
                transaction::Event::Ack(ack) => {
                    if let Some(index) = self.find(&ack) {
                        self.feed(index, Input::Ack(ack), now);
                    }
                }
                transaction::Event::Cancelled { invite, cancel } => self.cancelled(invite, cancel, now),
                transaction::Event::Response {
                    owner: Owner::Line(index, token),
                    response,
                    ..
                } => {
                    if let Some(tag) = response
                        .require::<To>()
                        .ok()
                        .and_then(|to| to.tag().map(ToOwned::to_owned))
                    {
                        self.lines[index].told_tag = tag;
                    }
                    self.feed(index, Input::Response { token, response }, now);
                }
                transaction::Event::Failed {
                    owner: Owner::Line(index, token),
                    failure,
                    ..
                } => self.feed(index, Input::Failed { token, failure }, now),
                transaction::Event::Response { response, .. } => {
                    self.told.push(format!("REGISTER {}", response.status()));
                }
                transaction::Event::Failed { .. } => self.told.push("REGISTER failed".into()),
            }
        }
    }

    fn cancelled(&mut self, invite: ServerKey, cancel: Request, now: Now) {
        if let Some(index) = self.lines.iter().position(|line| line.invite == Some(invite)) {
            let (key, request) = (invite, cancel);
            self.feed(index, Input::Cancel { key, request }, now);
        } else if let Some((key, request)) = self.invitations.iter().find(|(key, _)| *key == invite).cloned() {
            let end = Response::reply_to(&request, StatusCode::REQUEST_TERMINATED);
            self.respond(key, end.to_tag("proxy").build(), now);
        }
    }

    fn take(&mut self, request: Request, now: Now) {
        let flow = self.wire.to_exchange().flow;
        let (key, outputs) = self.layer.act(|layer| layer.accept(&request, flow, now));
        self.settle(outputs, now);
        let Ok(key) = key else { return };
        if let Some(index) = self.find(&request) {
            return self.feed(index, Input::Request { key, request }, now);
        }
        let is_new = request.require::<To>().unwrap().tag().is_none();
        let is_invite = *request.method() == Method::Invite && is_new;
        if is_invite && self.forks {
            self.invitations.push((key, request));
        } else if is_invite {
            let entropy = self.entropy.fork();
            let request = if self.reliable { insisting(&request) } else { request };
            match Session::incoming(key, request, self.settings(), entropy) {
                Ok((session, invitation)) => self.adopt(session, Some(key), Some(invitation.sdp), now),
                Err(refusal) => self.respond(key, refusal, now),
            }
        } else {
            let is_known = self.forks || (is_new && *request.method() == Method::Options);
            let status = if is_known {
                StatusCode::OK
            } else {
                StatusCode::CALL_DOES_NOT_EXIST
            };
            let reply = Response::reply_to(&request, status).to_tag("phone");
            self.respond(key, reply.build(), now);
        }
    }

    fn find(&self, request: &Request) -> Option<usize> {
        let to = request.require::<To>().ok()?;
        let tag = to.tag()?;
        let is_its = |line: &Line| line.session.inner().key().local_tag == tag && !line.session.inner().is_over();
        self.lines.iter().position(is_its)
    }

    pub(super) fn request(&mut self, owner: Owner, request: &Request, now: Now) -> Option<ClientKey> {
        let hop = self.wire.to_exchange();
        let send = |layer: &mut Layer<Owner>| layer.request(owner.clone(), request, hop.clone(), now);
        let (key, outputs) = self.layer.act(send);
        self.settle(outputs, now);
        key.ok()
    }

    pub(super) fn respond(&mut self, key: ServerKey, response: Response, now: Now) {
        let respond = |layer: &mut Layer<Owner>| layer.respond(key, response.clone(), now);
        let (_gone, outputs) = self.layer.act(respond);
        self.settle(outputs, now);
    }
}

/// An INVITE that begins a call, with `Require: 100rel`; anything else as it is.
fn insisting(request: &Request) -> Request {
    let begins = request.require::<To>().is_ok_and(|to| to.tag().is_none());
    if *request.method() != Method::Invite || !begins {
        return request.clone();
    }
    let required: Require = [Token::new("100rel").unwrap()].into_iter().collect();
    request.edit().append(&required).finish()
}
