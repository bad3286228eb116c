//! The one task of a phone: everything that arrives and everything that the person wants, in order.

use std::collections::{BTreeMap, VecDeque};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep_until};
use wigwag_sansio::{Entropy, Machine};
use wigwag_sip::session::{
    Command, Credentials, Event, Input, Outgoing, Output, RequestToken, Session, Settings, TimerPolicy,
};
use wigwag_sip::transaction::{Failure, ServerKey};
use wigwag_sip::wire::header::{CallId, Contact, From, Header, NameAddr, To};
use wigwag_sip::wire::{HeaderName, Method, Request, Response, StatusCode, Uri};
use wigwag_sip_io::{Clock, Destination, Endpoint, Incoming};

use super::account::SipAccount;
use super::call::{Call, Wish};
use super::leg::{Draft, Leg};
use super::registration::Registration;
use super::sink::{Mail, Owner};
use super::voice::Voice;

/// The insides of a phone.
pub(super) struct Agent {
    pub(super) account: SipAccount,
    pub(super) endpoint: Endpoint<Owner>,
    pub(super) clock: Clock,
    pub(super) entropy: Entropy,
    pub(super) contact: Contact,
    /// The tone that it speaks.
    pub(super) hz: f64,
    pub(super) registration: Registration,
    pub(super) mail: UnboundedReceiver<Mail>,
    pub(super) post: UnboundedSender<Mail>,
    /// Incoming calls, for whoever picks up.
    pub(super) bell: UnboundedSender<Call>,
    pub(super) legs: BTreeMap<u32, Leg>,
    pub(super) last: u32,
}

impl Agent {
    /// Runs until the phone is switched off.
    pub(super) async fn run(mut self) {
        loop {
            let deadline = self.legs.values().filter_map(|leg| leg.session.deadline()).min();
            let alarm = deadline.map(|tick| self.clock.instant(tick));
            let mail = tokio::select! {
                mail = self.mail.recv() => mail,
                () = sleep_until(alarm.unwrap_or_else(Instant::now)), if alarm.is_some() => None,
            };
            match mail {
                Some(mail) => self.take(mail),
                None => self.wake(),
            }
        }
    }

    fn take(&mut self, mail: Mail) {
        match mail {
            Mail::Request(incoming) => self.request(incoming),
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
            Mail::Response(Owner::Registration, response) => {
                if let Some(next) = self.registration.answered(response, &mut self.entropy) {
                    self.register(&next);
                }
            }
            Mail::Response(Owner::Call(number, token), response) => {
                self.feed(number, Input::Response { token, response });
            }
            Mail::Failed(Owner::Registration, _) => self.registration.failed(),
            Mail::Failed(Owner::Call(number, token), failure) => self.feed(number, Input::Failed { token, failure }),
            Mail::Dial(dialled, reply) => {
                let call = self.dial(&dialled);
                // The test may have ended.
                let _ = reply.send(call);
            }
            Mail::Wish(number, wish) => self.wish(number, wish),
            Mail::Register(expires, reply) => {
                let request = self.registration.begin(expires, reply);
                self.register(&request);
            }
        }
    }

    fn wake(&mut self) {
        let now = self.clock.now();
        let numbers: Vec<u32> = self.legs.keys().copied().collect();
        for number in numbers {
            self.drive(number, |session| session.handle_timeout(now));
        }
    }

    fn dial(&mut self, dialled: &str) -> Call {
        let mut draft = self.draft();
        let sdp = draft.offer();
        let uri = Uri::parse(&self.account.uri_of(dialled)).expect("a number makes an address");
        let own = Uri::parse(&self.account.uri()).expect("an account has an address");
        let outgoing = Outgoing {
            request_uri: uri.clone(),
            from: From::new(NameAddr::new(own)),
            to: To::new(NameAddr::new(uri)),
            call_id: CallId::new(&self.entropy.word(20)).expect("letters and digits make a word"),
            routes: Vec::new(),
            max_forwards: 70,
            headers: Vec::new(),
            sdp: Some(sdp),
        };
        let session = Session::outgoing(outgoing, self.settings(), self.entropy.fork());
        self.adopt(draft.outgoing(session), None)
    }

    fn request(&mut self, incoming: Incoming) {
        let Incoming { key, request, .. } = incoming;
        if let Some(number) = self.leg_of(&request) {
            self.feed(number, Input::Request { key, request });
        } else if to_tag(&request).is_some() {
            self.respond(key, &request, StatusCode::CALL_DOES_NOT_EXIST);
        } else if *request.method() == Method::Invite {
            self.ring(key, request);
        } else {
            self.respond(key, &request, StatusCode::OK);
        }
    }

    fn ring(&mut self, key: ServerKey, invite: Request) {
        let caller = invite
            .header(HeaderName::From)
            .map(|from| String::from_utf8_lossy(from).into_owned());
        let (settings, entropy) = (self.settings(), self.entropy.fork());
        match Session::incoming(key, invite, settings, entropy) {
            Ok((session, invitation)) => {
                let leg = self.draft().incoming(session, key, invitation.sdp.as_ref());
                let call = self.adopt(leg, caller);
                let ringing = Command::Progress {
                    status: StatusCode::RINGING,
                    sdp: None,
                    headers: Vec::new(),
                };
                self.feed(call.number, Input::Command(ringing));
                // Nobody may be there to pick up.
                let _ = self.bell.send(call);
            }
            Err(refusal) => drop(self.endpoint.respond(key, refusal)),
        }
    }

    fn draft(&mut self) -> Draft {
        Draft::new(Voice::open(self.account.ip, self.hz), self.entropy.fork())
    }

    fn adopt(&mut self, leg: Leg, caller: Option<String>) -> Call {
        self.last += 1;
        let number = self.last;
        let call = Call {
            number,
            caller,
            post: self.post.clone(),
            state: leg.state(),
            ear: leg.voice().ear(),
        };
        self.legs.insert(number, leg);
        self.drive(number, |_| ());
        call
    }

    fn wish(&mut self, number: u32, wish: Wish) {
        if let Some(command) = self.legs.get_mut(&number).and_then(|leg| leg.grant(wish)) {
            self.feed(number, Input::Command(command));
        }
    }

    fn feed(&mut self, number: u32, input: Input) {
        let now = self.clock.now();
        self.drive(number, |session| session.handle(input, now));
    }

    fn drive(&mut self, number: u32, act: impl FnOnce(&mut Session)) {
        let Some(leg) = self.legs.get_mut(&number) else { return };
        act(&mut leg.session);
        let mut outputs: VecDeque<Output> = std::iter::from_fn(|| leg.session.poll()).collect();
        while let Some(output) = outputs.pop_front() {
            self.carry_out(number, output);
        }
        if self.legs.get(&number).is_some_and(|leg| leg.session.is_over()) {
            self.legs.remove(&number);
        }
    }

    fn carry_out(&mut self, number: u32, output: Output) {
        match output {
            Output::Request { token, request, .. } => self.send(number, token, &request),
            Output::Cancel { token, reasons } => {
                let key = self.legs.get(&number).and_then(|leg| leg.clients.get(&token).copied());
                if let Some(key) = key {
                    // It leaves now, or as soon as it may.
                    let _ = self.endpoint.cancel(key, reasons.into_iter().next());
                }
            }
            Output::Ack { request, .. } => {
                // The 2xx comes again when this is lost.
                let _ = self.endpoint.send(&self.server(), &request);
            }
            Output::Respond { key, response } => drop(self.endpoint.respond(key, response)),
            Output::Event(event) => self.hear(number, event),
        }
    }

    fn send(&mut self, number: u32, token: RequestToken, request: &Request) {
        match self
            .endpoint
            .request(Owner::Call(number, token), &self.server(), request)
        {
            Ok(key) => {
                if let Some(leg) = self.legs.get_mut(&number) {
                    leg.clients.insert(token, key);
                }
            }
            Err(_) => {
                let failure = Failure::Transport;
                // The person has switched the phone off if nobody reads this.
                let _ = self.post.send(Mail::Failed(Owner::Call(number, token), failure));
            }
        }
    }

    fn hear(&mut self, number: u32, event: Event) {
        if let Some(command) = self.legs.get_mut(&number).and_then(|leg| leg.hear(event)) {
            self.feed(number, Input::Command(command));
        }
    }

    fn register(&mut self, request: &Request) {
        if self
            .endpoint
            .request(Owner::Registration, &self.server(), request)
            .is_err()
        {
            self.registration.failed();
        }
    }

    fn respond(&self, key: ServerKey, request: &Request, status: StatusCode) {
        let response = Response::reply_to(request, status).to_tag("phone").build();
        // Its transaction may have ended.
        let _ = self.endpoint.respond(key, response);
    }

    fn server(&self) -> Destination {
        Destination::Address {
            transport: self.account.transport,
            address: self.account.server,
        }
    }

    fn settings(&self) -> Settings {
        Settings {
            contact: self.contact.clone(),
            headers: Vec::new(),
            timer: TimerPolicy::default(),
            credentials: Some(Credentials {
                realm: Some(self.account.domain.as_str().into()),
                login: self.account.login(),
            }),
        }
    }

    fn leg_of(&self, request: &Request) -> Option<u32> {
        let tag = to_tag(request)?;
        let call_id = request.header(HeaderName::CallId)?;
        let mut legs = self.legs.iter();
        let found = legs.find(|(_, leg)| {
            let key = leg.session.key();
            key.local_tag == tag && key.call_id.to_string().as_bytes() == call_id
        });
        found.map(|(number, _)| *number)
    }

    fn leg_with(&self, invite: ServerKey) -> Option<u32> {
        let mut legs = self.legs.iter();
        legs.find(|(_, leg)| leg.invite == Some(invite))
            .map(|(number, _)| *number)
    }
}

fn to_tag(request: &Request) -> Option<String> {
    let to = To::parse(request.header(HeaderName::To)?).ok()?;
    to.tag().map(ToString::to_string)
}
