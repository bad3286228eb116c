//! The one task of a carrier: everything that arrives and everything that its owner wants, in order.

use std::{collections::BTreeMap, time::Duration};

use tokio::{
    sync::{
        mpsc::{self, Receiver},
        oneshot,
    },
    task::spawn_blocking,
    time::{Instant, sleep_until, timeout_at},
};
use wigwag_media::{MediaEvent, MediaPlane};
use wigwag_sansio::{Entropy, Machine, Now};
use wigwag_sip::{
    session::{Input, Output, RequestToken, Session, Settings, TimerPolicy},
    transaction::{Failure, ServerKey},
    wire::{
        HeaderName, Host, Method, Request, Response, Scheme, SipUri, StatusCode, Token, Uri,
        header::{Authorization, CallId, Contact, NameAddr, Require, To},
    },
};
use wigwag_sip_io::{Clock, Destination, Endpoint, Flow, Incoming, Transport};

use crate::{
    behaviour::{self, Behaviour, Manner},
    call_in::{CallError, CallIn, Way},
    door::{TAG, reply},
    handle::CallHandle,
    leg::{Leg, Talk},
    mail::{Mail, Owner, Wish},
    record::Record,
    registrar::Registrar,
    seen::{Outcome, SeenKey, SeenLog, called},
    voice::Voice,
};

/// The option tag of RFC 3262.
const RELIABLE: &str = "100rel";
/// How long calls have for their good-byes when the carrier ends.
const FAREWELL: Duration = Duration::from_secs(2);
/// The user part of our Contact.
const CONTACT: &str = "carrier";

/// The insides of a carrier.
pub(crate) struct Agent {
    pub(crate) domain: Host,
    /// How many calls there are at most.
    pub(crate) most_calls: usize,
    pub(crate) endpoint: Endpoint<Owner>,
    pub(crate) plane: MediaPlane,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) registrar: Registrar,
    pub(crate) log: SeenLog,
    pub(crate) post: mpsc::Sender<Mail>,
    pub(crate) legs: BTreeMap<u32, Box<Leg>>,
    pub(crate) last: u32,
}

impl Agent {
    /// Runs until `stop` is told or dropped; then everybody hangs up, and all sockets and threads end.
    pub(crate) async fn run(mut self, mut mail: Receiver<Mail>, mut stop: oneshot::Receiver<()>) {
        loop {
            tokio::select! {
                letter = mail.recv() => match letter {
                    Some(letter) => self.take(letter),
                    None => break,
                },
                () = until(self.alarm()) => self.wake(),
                _ = &mut stop => break,
            }
        }
        let end = self.clock.instant(self.clock.now().tick + FAREWELL);
        // Whoever does not answer in time is left alone.
        let _ = timeout_at(end, self.say_good_bye(&mut mail)).await;
        drop(mail);
        self.legs.clear();
        self.endpoint.shutdown().await;
        let plane = self.plane;
        // Its threads contain their panics.
        let _ = spawn_blocking(|| plane.shutdown()).await;
    }

    async fn say_good_bye(&mut self, mail: &mut Receiver<Mail>) {
        for number in self.numbers() {
            self.with(number, |leg, _| leg.end());
        }
        while !self.legs.is_empty() {
            tokio::select! {
                letter = mail.recv() => match letter {
                    Some(letter) => self.take(letter),
                    None => return,
                },
                () = until(self.alarm()) => self.wake(),
            }
        }
    }

    fn alarm(&self) -> Option<Instant> {
        let deadline = self.legs.values().filter_map(|leg| leg.deadline()).min()?;
        Some(self.clock.instant(deadline))
    }

    fn numbers(&self) -> Vec<u32> {
        self.legs.keys().copied().collect()
    }

    fn take(&mut self, mail: Mail) {
        match mail {
            Mail::Request(incoming) => self.request(*incoming),
            Mail::Ack(request) => {
                if let Some(number) = self.leg_of(&request) {
                    self.feed(number, Input::Ack(request));
                }
            }
            Mail::Cancelled(key, request) => {
                if let Some(number) = self.leg_with(key) {
                    self.feed(number, Input::Cancel { key, request });
                }
            }
            Mail::Response(Owner(number, token), response) => {
                self.with(number, |leg, _| {
                    if response.status().is_final() {
                        leg.clients.remove(&token);
                    }
                    leg.inputs.push_back(Input::Response { token, response });
                });
            }
            Mail::Failed(Owner(number, token), failure) => self.feed(number, Input::Failed { token, failure }),
            Mail::Media(event) => self.hear(&event),
            Mail::Call(call, answer) => {
                let made = self.call(&call);
                // Whoever asked may be gone.
                let _ = answer.send(made);
            }
            Mail::Wish(number, wish) => self.grant(number, wish),
        }
    }

    fn wake(&mut self) {
        let now = self.clock.now();
        let is_due = |leg: &Leg| leg.deadline().is_some_and(|deadline| deadline <= now.tick);
        let legs = self.legs.iter().filter(|(_, leg)| is_due(leg));
        let due: Vec<u32> = legs.map(|(number, _)| *number).collect();
        for number in due {
            self.with(number, |leg, now| leg.session.handle_timeout(now));
        }
    }

    fn hear(&mut self, event: &MediaEvent) {
        let number = u32::try_from(event.leg().call).unwrap_or_default();
        let Some(leg) = self.legs.get_mut(&number) else { return };
        match event {
            MediaEvent::Dtmf { digit, .. } => leg.record.key(digit.as_char()),
            MediaEvent::Played { .. } => leg.played(),
            MediaEvent::Latched { .. }
            | MediaEvent::NoMedia { .. }
            | MediaEvent::MediaResumed { .. }
            | MediaEvent::Stopped { .. }
            | MediaEvent::Speaks { .. }
            | MediaEvent::Closed { .. } => {}
        }
    }

    fn grant(&mut self, number: u32, wish: Wish) {
        self.with(number, |leg, _| leg.grant(wish));
    }

    fn request(&mut self, incoming: Incoming) {
        let Incoming { key, request, flow } = incoming;
        if let Some(number) = self.leg_of(&request) {
            self.feed(number, Input::Request { key, request });
        } else if has_to_tag(&request) {
            self.respond(key, reply(&request, StatusCode::CALL_DOES_NOT_EXIST));
        } else if *request.method() == Method::Register {
            let account = proven_account(&request).unwrap_or_default();
            let now = self.clock.now().tick;
            let response = self.registrar.register(&account, &request, flow.id, now);
            self.respond(key, response);
        } else {
            self.invited(key, request, &flow);
        }
    }

    /// A call to the carrier, which the gate has let in.
    fn invited(&mut self, key: ServerKey, invite: Request, flow: &Flow) {
        let seen = SeenKey::of(&invite);
        if let Err(refusal) = self.ring(key, &invite, flow, seen.clone()) {
            let status = refusal.status().as_u16();
            self.log.change(&seen, |call| call.outcome = Outcome::Refused(status));
            self.respond(key, refusal);
        }
    }

    fn ring(&mut self, key: ServerKey, invite: &Request, flow: &Flow, seen: SeenKey) -> Result<(), Response> {
        let Behaviour::Acts(manner, steps) = behaviour::of(&called(invite)) else {
            return Err(reply(invite, StatusCode::TEMPORARILY_UNAVAILABLE));
        };
        if self.legs.len() >= self.most_calls {
            return Err(reply(invite, StatusCode::SERVICE_UNAVAILABLE));
        }
        let number = self.next_number();
        let voice = Voice::open(&self.plane, number, self.endpoint.advertised(flow).ip());
        let voice = voice.map_err(|_| reply(invite, StatusCode::SERVICE_UNAVAILABLE))?;
        let mut talk = Talk::new(voice, self.entropy.fork());
        let (settings, entropy) = (self.settings(flow), self.entropy.fork());
        let (session, invitation) = Session::incoming(key, insisting(invite, manner)?, settings, entropy)?;
        if !talk.offered(invitation.sdp.as_ref()) {
            return Err(reply(invite, StatusCode::BAD_REQUEST));
        }
        let record = Record::new(Some((self.log.clone(), seen)));
        let leg = Leg::new(session, Destination::Flow(flow.id), talk, steps, record);
        self.adopt(number, leg.brought_by(key, manner));
        Ok(())
    }

    fn call(&mut self, call: &CallIn) -> Result<CallHandle, CallError> {
        if self.legs.len() >= self.most_calls {
            return Err(CallError::TooMany);
        }
        let steps = call.steps()?;
        let (to, target) = self.reach(&call.over)?;
        let flow = self.endpoint.flow(&to)?;
        let number = self.next_number();
        let voice = Voice::open(&self.plane, number, self.endpoint.advertised(&flow).ip())?;
        let mut talk = Talk::new(voice, self.entropy.fork());
        let offer = if call.without_offer { None } else { talk.describe() };
        let call_id = CallId::new(&self.entropy.word(20)).expect("letters and digits make a word");
        let outgoing = call.outgoing(target, &self.domain, call_id, offer)?;
        let session = Session::outgoing(outgoing, self.settings(&flow), self.entropy.fork());
        let leg = Leg::new(session, to, talk, steps, Record::new(None));
        let handle = CallHandle::new(number, self.post.clone(), leg.record.state());
        self.adopt(number, leg);
        Ok(handle)
    }

    /// Where an exchange is, and how it is addressed.
    fn reach(&self, way: &Way) -> Result<(Destination, SipUri), CallError> {
        let (transport, address) = match way {
            Way::Udp(address) => (Transport::Udp, *address),
            Way::Tcp(address) => (Transport::Tcp, *address),
            Way::Registration(account) => {
                let binding = self.registrar.binding(account, self.clock.now().tick);
                let binding = binding.ok_or(CallError::NotRegistered)?;
                let contact = binding.contact.as_sip().ok_or(CallError::NotRegistered)?;
                return Ok((Destination::Flow(binding.flow), contact.clone()));
            }
        };
        let host = Host::parse(&host_text(address.ip())).expect("an address is a host");
        let target = with_transport(
            SipUri::new(Scheme::Sip, host).with_port(Some(address.port())),
            transport,
        );
        Ok((Destination::Address { transport, address }, target))
    }

    fn next_number(&mut self) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.last
    }

    fn adopt(&mut self, number: u32, leg: Leg) {
        self.legs.insert(number, Box::new(leg));
        self.with(number, |_, _| ());
    }

    fn feed(&mut self, number: u32, input: Input) {
        self.with(number, |leg, _| leg.inputs.push_back(input));
    }

    /// Does something to a call, and carries out what comes of it.
    fn with(&mut self, number: u32, act: impl FnOnce(&mut Leg, Now)) {
        let now = self.clock.now();
        let Some(mut leg) = self.legs.remove(&number) else {
            return;
        };
        act(&mut leg, now);
        self.settle(number, &mut leg, now);
        if !leg.session.is_over() {
            self.legs.insert(number, leg);
        }
    }

    fn settle(&mut self, number: u32, leg: &mut Leg, now: Now) {
        loop {
            while let Some(output) = leg.session.poll() {
                self.carry_out(number, leg, output);
            }
            if leg.inputs.is_empty() {
                leg.act(now.tick);
            }
            let Some(input) = leg.inputs.pop_front() else { return };
            leg.session.handle(input, now);
        }
    }

    fn carry_out(&mut self, number: u32, leg: &mut Leg, output: Output) {
        match output {
            Output::Request { token, request, .. } => self.send(number, leg, token, &request),
            Output::Cancel { token, reasons } => {
                if let Some(key) = leg.clients.get(&token) {
                    // It leaves now, or as soon as it may.
                    let _ = self.endpoint.cancel(*key, reasons.into_iter().next());
                }
            }
            // The 2xx comes again when this is lost.
            Output::Ack { request, .. } => drop(self.endpoint.send(&leg.to, &request)),
            Output::Respond { key, response } => self.respond(key, leg.bend(response)),
            Output::Event(event) => leg.hear(event),
        }
    }

    fn send(&self, number: u32, leg: &mut Leg, token: RequestToken, request: &Request) {
        match self.endpoint.request(Owner(number, token), &leg.to, request) {
            Ok(key) => drop(leg.clients.insert(token, key)),
            Err(_) => leg.inputs.push_back(Input::Failed {
                token,
                failure: Failure::Transport,
            }),
        }
    }

    fn respond(&self, key: ServerKey, response: Response) {
        // Its transaction may have ended.
        let _ = self.endpoint.respond(key, response);
    }

    fn settings(&self, flow: &Flow) -> Settings {
        let address = self.endpoint.advertised(flow);
        let host = Host::parse(&host_text(address.ip())).expect("an address is a host");
        let uri = SipUri::new(Scheme::Sip, host)
            .with_user(CONTACT)
            .with_port(Some(address.port()));
        Settings {
            contact: Contact::new(NameAddr::new(Uri::Sip(with_transport(uri, flow.transport)))),
            headers: Vec::new(),
            timer: TimerPolicy::default(),
            credentials: None,
        }
    }

    fn leg_of(&self, request: &Request) -> Option<u32> {
        let to = request.typed::<To>().ok()??;
        let (tag, call_id) = (to.tag()?, request.typed::<CallId>().ok()??);
        let mut legs = self.legs.iter();
        let found = legs.find(|(_, leg)| {
            let key = leg.session.key();
            key.local_tag == tag && key.call_id == call_id
        });
        found.map(|(number, _)| *number)
    }

    fn leg_with(&self, invite: ServerKey) -> Option<u32> {
        let mut legs = self.legs.iter();
        let found = legs.find(|(_, leg)| leg.invite == Some(invite));
        found.map(|(number, _)| *number)
    }
}

async fn until(alarm: Option<Instant>) {
    match alarm {
        Some(alarm) => sleep_until(alarm).await,
        None => std::future::pending().await,
    }
}

/// The INVITE as a session reads it that wants its provisional answers confirmed: as if the caller insisted.
fn insisting(invite: &Request, manner: Manner) -> Result<Request, Response> {
    match manner {
        Manner::Plain | Manner::BareAnswer => Ok(invite.clone()),
        Manner::Reliable if invite.supports(RELIABLE) => {
            let require: Require = Token::new(RELIABLE).into_iter().collect();
            Ok(invite.append(&require))
        }
        Manner::Reliable => {
            let required = Response::reply_to(invite, StatusCode::EXTENSION_REQUIRED).to_tag(TAG);
            Err(required.raw(HeaderName::Require, RELIABLE).build())
        }
    }
}

fn has_to_tag(request: &Request) -> bool {
    request
        .typed::<To>()
        .is_ok_and(|to| to.is_some_and(|to| to.tag().is_some()))
}

/// Whose password has signed a request that was let in.
fn proven_account(request: &Request) -> Option<String> {
    let credentials = request.typed::<Authorization>().ok()??;
    credentials.as_digest()?.username().map(ToOwned::to_owned)
}

fn with_transport(uri: SipUri, transport: Transport) -> SipUri {
    match transport {
        Transport::Udp => uri,
        Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => {
            uri.with_param("transport", Some(transport.as_param()))
        }
    }
}

fn host_text(ip: std::net::IpAddr) -> String {
    match ip {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
