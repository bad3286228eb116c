//! The exchange: transactions, registrars and calls, with the shell around them played by the shortest code that does.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use smol_str::SmolStr;
use wigwag_jobs::Fold;
use wigwag_model::{CallDirection, CallId, CallRecord, ExtensionId, HangupCause, LegId};
use wigwag_pbx::{
    ParkingLot,
    call::{CALLER, Call, Input, Observed, Origin, Output, Phone, Who},
    registrar::{self, Binding, BindingKey, Registration},
    routing::{self, Attempt},
};
use wigwag_sansio::{Entropy, Machine, Now, Pii, Tick, testing::FreezeThaw};
use wigwag_sip::{
    session::{self, RequestToken, Session, Settings, TimerPolicy},
    transaction::{self, Event, Layer, Received, ServerKey, Timers},
    wire::{
        Message, Method, Request, Response, Scheme, SipUri, StatusCode, Uri,
        header::{self, CSeq, From, MaxForwards, NameAddr, To, UserAgent},
    },
};

use super::{
    media::Media,
    network::{EXCHANGE, Wire, host},
    office::{DOMAIN, Office},
    registrations::{Followup, Registrations},
    running::Running,
};

/// Whose request a client transaction is.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) enum Owner {
    Leg(u64, LegId, RequestToken),
    Probe(ExtensionId, BindingKey),
}

/// What leaves the exchange, and what it did for the ladder, in order.
#[derive(Debug)]
pub(crate) enum Out {
    Send(transaction::FlowId, Bytes),
    Tell(String),
}

/// The exchange.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) office: Office,
    pub(crate) media: Media,
    pub(crate) records: Vec<CallRecord>,
    pub(crate) out: Vec<Out>,
    pub(super) layer: FreezeThaw<Layer<Owner>>,
    pub(super) registrations: Registrations,
    pub(super) calls: BTreeMap<u64, Running>,
    last_call: u64,
    pub(super) by_tag: BTreeMap<SmolStr, (u64, LegId)>,
    pub(super) by_invite: BTreeMap<ServerKey, u64>,
    pub(super) mail: VecDeque<(u64, Input)>,
    pub(super) fold: Fold,
    /// Where legs are now that have gone to other calls.
    pub(super) moved: BTreeMap<(u64, LegId), (u64, LegId)>,
    pub(super) parking: ParkingLot<u64>,
    /// How many calls have gone on in others.
    pub(super) merged: u64,
    /// Connections that are gone.
    pub(super) closed: BTreeSet<u64>,
    entropy: Entropy,
}

impl Exchange {
    pub(crate) fn new(office: Office, seed: u64) -> Self {
        let mut entropy = Entropy::from_number(seed);
        let settings = transaction::Settings {
            shard: 0,
            timers: Timers::RFC_3261,
            max_transactions: 1_000,
        };
        Exchange {
            office,
            media: Media::new(),
            records: Vec::new(),
            out: Vec::new(),
            layer: FreezeThaw::new(Layer::new(settings, entropy.fork())),
            registrations: Registrations::default(),
            calls: BTreeMap::new(),
            last_call: 0,
            by_tag: BTreeMap::new(),
            by_invite: BTreeMap::new(),
            mail: VecDeque::new(),
            fold: Fold::default(),
            moved: BTreeMap::new(),
            parking: ParkingLot::default(),
            merged: 0,
            closed: BTreeSet::new(),
            entropy,
        }
    }

    /// A message has arrived over `wire`.
    pub(crate) fn receive(&mut self, wire: &Wire, bytes: Bytes, now: Now) {
        let Ok(message) = Message::parse(bytes) else { return };
        let message = match message {
            Message::Request(request) => Message::Request(request.with_received(wire.phone).unwrap()),
            response @ Message::Response(_) => response,
        };
        let flow = wire.flow();
        let outputs = self.layer.handle(Received { message, flow }, now);
        self.settle(outputs, Some(wire), now);
        self.work(now);
    }

    /// Whatever is due happens.
    pub(crate) fn wake(&mut self, now: Now) {
        let outputs = self.layer.handle_timeout(now);
        self.settle(outputs, None, now);
        let followups = self.registrations.wake(now);
        self.follow(followups, now);
        let due = |running: &Running| running.call.deadline().is_some_and(|at| at <= now.tick);
        let due: Vec<u64> = self.calls.iter().filter(|(_, it)| due(it)).map(|(id, _)| *id).collect();
        for number in due {
            let outputs = self.calls.get_mut(&number).unwrap().call.handle_timeout(now);
            self.carry_out(number, outputs, now);
        }
        self.work(now);
    }

    /// A connection is gone.
    pub(crate) fn lose(&mut self, wire: &Wire, now: Now) {
        let connection = wire.connection().expect("only connections end");
        self.closed.insert(connection);
        let ((), outputs) = self.layer.act(|layer| layer.connection_failed(connection, now));
        self.settle(outputs, None, now);
        let followups = self
            .registrations
            .turn_all(&registrar::Input::FlowClosed(wire.flow()), now);
        self.follow(followups, now);
        let calls: Vec<u64> = self.calls.keys().copied().collect();
        self.mail
            .extend(calls.into_iter().map(|id| (id, Input::FlowClosed(wire.flow()))));
        self.work(now);
    }

    /// The media plane tells something about a leg of the call that was begun last.
    pub(crate) fn observe(&mut self, leg: u16, observed: Observed, now: Now) {
        let (leg, call) = (LegId(leg), self.last_call);
        self.mail.push_back((call, Input::Media { leg, observed }));
        self.work(now);
    }

    /// Somebody in charge ends every call.
    pub(crate) fn hang_up(&mut self, cause: HangupCause, now: Now) {
        let calls: Vec<u64> = self.calls.keys().copied().collect();
        self.mail.extend(calls.into_iter().map(|id| (id, Input::HangUp(cause))));
        self.work(now);
    }

    pub(crate) fn deadline(&self) -> Option<Tick> {
        let calls = self.calls.values().map(|running| running.call.deadline());
        let rest = [self.layer.deadline(), self.registrations.deadline()];
        calls.chain(rest).flatten().min()
    }

    /// Whether no call runs, no leg is open, no transaction is left and every call has its record.
    pub(crate) fn is_idle(&self) -> bool {
        let over = self.calls.is_empty() && self.fold.is_empty() && self.media.open_legs() == 0;
        over && self.layer.inner().transactions() == 0 && self.records.len() as u64 + self.merged == self.last_call
    }

    pub(crate) fn running_calls(&self) -> usize {
        self.calls.len()
    }

    /// The identity of a running call.
    pub(crate) fn call_id(&self, call: u64) -> CallId {
        self.calls[&call].id
    }

    pub(crate) fn last_call(&self) -> u64 {
        self.last_call
    }

    /// Feeds the calls what waits for them until nothing does.
    fn work(&mut self, now: Now) {
        while let Some((number, input)) = self.mail.pop_front() {
            let (number, input) = self.readdress(number, input);
            if let Some(running) = self.calls.get_mut(&number) {
                let outputs = running.call.handle(input, now);
                self.carry_out(number, outputs, now);
            }
        }
    }

    pub(super) fn settle(&mut self, outputs: Vec<transaction::Output<Owner>>, wire: Option<&Wire>, now: Now) {
        for output in outputs {
            match output {
                transaction::Output::Send { flow, packet, .. } => self.out.push(Out::Send(flow, packet.into_bytes())),
                transaction::Output::Event(event) => self.hear(event, wire, now),
            }
        }
    }

    fn hear(&mut self, event: Event<Owner>, wire: Option<&Wire>, now: Now) {
        match event {
            Event::New(request) => self.take(request, wire.expect("requests arrive over a wire"), now),
            Event::Ack(ack) => {
                if let Some((call, leg)) = self.find(&ack) {
                    let input = session::Input::Ack(ack);
                    self.mail.push_back((call, Input::Sip { leg, input }));
                }
            }
            Event::Cancelled { invite, cancel } => {
                if let Some(call) = self.by_invite.get(&invite) {
                    let (key, request) = (invite, cancel);
                    let input = session::Input::Cancel { key, request };
                    self.mail.push_back((*call, Input::Sip { leg: CALLER, input }));
                }
            }
            Event::Response { owner, response, .. } => match owner {
                Owner::Leg(call, leg, token) => {
                    let input = session::Input::Response { token, response };
                    self.mail.push_back((call, Input::Sip { leg, input }));
                }
                Owner::Probe(extension, key) => self.probed(extension, key, response.status().is_final(), now),
            },
            Event::Failed { owner, failure, .. } => match owner {
                Owner::Leg(call, leg, token) => {
                    let input = session::Input::Failed { token, failure };
                    self.mail.push_back((call, Input::Sip { leg, input }));
                }
                Owner::Probe(extension, key) => {
                    let followups =
                        self.registrations
                            .turn(extension, registrar::Input::Probed { key, alive: false }, now);
                    self.follow(followups, now);
                }
            },
        }
    }

    fn probed(&mut self, extension: ExtensionId, key: BindingKey, is_final: bool, now: Now) {
        if is_final {
            let input = registrar::Input::Probed { key, alive: true };
            let followups = self.registrations.turn(extension, input, now);
            self.follow(followups, now);
        }
    }

    /// A request that belongs to no transaction.
    fn take(&mut self, request: Request, wire: &Wire, now: Now) {
        let flow = wire.flow();
        let (key, outputs) = self.layer.act(|layer| layer.accept(&request, flow, now));
        self.settle(outputs, Some(wire), now);
        let Ok(key) = key else { return };
        if request.require::<To>().unwrap().tag().is_some() {
            return self.take_in_dialog(key, request, wire, now);
        }
        let agent = request
            .require::<UserAgent>()
            .expect("phones tell their names")
            .to_string();
        let (extension, device) = self.office.device(&agent);
        if *request.method() == Method::Invite {
            return self.begin(key, request, wire, (extension, device), now);
        }
        assert_eq!(*request.method(), Method::Register, "phones begin with nothing else");
        let registration = Registration::read(&request, device, wire.reach(), |_| false).unwrap();
        self.registrations.wait(key, request);
        let input = registrar::Input::Register {
            request: key,
            registration: Box::new(registration),
        };
        let followups = self.registrations.turn(extension, input, now);
        self.follow(followups, now);
    }

    fn take_in_dialog(&mut self, key: ServerKey, request: Request, wire: &Wire, now: Now) {
        let Some((call, leg)) = self.find(&request) else {
            let refusal = Response::reply_to(&request, StatusCode::CALL_DOES_NOT_EXIST).build();
            return self.respond(key, refusal, now);
        };
        let reach = wire.reach();
        if self.calls[&call].call.inner().reach(leg) != Some(&reach) {
            self.mail.push_back((call, Input::Moved { leg, reach }));
        }
        let input = session::Input::Request { key, request };
        self.mail.push_back((call, Input::Sip { leg, input }));
    }

    fn begin(
        &mut self,
        key: ServerKey,
        request: Request,
        wire: &Wire,
        (extension_id, device_id): (ExtensionId, wigwag_model::DeviceId),
        now: Now,
    ) {
        let settings = Settings {
            contact: contact(wire),
            headers: Vec::new(),
            timer: TimerPolicy::default(),
            credentials: None,
        };
        let mut entropy = self.entropy.fork();
        let dialled: SmolStr = request.uri().unwrap().user().unwrap_or_default();
        let (session, invitation) = match Session::incoming(key, request, settings, entropy.fork()) {
            Ok(taken) => taken,
            Err(refusal) => return self.respond(key, refusal, now),
        };
        let attempt = Attempt::dialled(extension_id, dialled.clone());
        let decision = routing::plan(&self.office.snapshot, &attempt, now.utc);
        let trace: Vec<String> = decision.trace.iter().map(ToString::to_string).collect();
        trace.into_iter().for_each(|step| self.tell("plan", &step));
        let id = CallId::new(now.utc, &mut entropy);
        let caller = routing::party(self.office.snapshot.extension(extension_id).unwrap());
        let mut call = Call::new(
            Origin {
                session,
                invitation,
                reach: wire.reach(),
                who: Who::Device {
                    extension_id,
                    device_id,
                },
                caller,
                attempt,
                dialled: Pii::new(dialled),
                direction: CallDirection::Internal,
                decision,
                domain: DOMAIN.into(),
                max_forwards: 69,
                headers: Vec::new(),
                entropy,
            },
            now,
        );
        let outputs: Vec<Output> = std::iter::from_fn(|| call.poll()).collect();
        self.last_call += 1;
        let running = Running {
            call: FreezeThaw::new(call),
            id,
            started_at: now.utc,
            invites: Vec::new(),
            tagged: Default::default(),
            lines: vec![extension_id],
            next_sequence: 0,
            sounds: BTreeMap::new(),
        };
        self.by_invite.insert(key, self.last_call);
        self.calls.insert(self.last_call, running);
        self.carry_out(self.last_call, outputs, now);
    }

    pub(super) fn respond(&mut self, key: ServerKey, response: Response, now: Now) {
        let respond = |layer: &mut Layer<Owner>| layer.respond(key, response.clone(), now);
        let (_gone, outputs) = self.layer.act(respond);
        self.settle(outputs, None, now);
    }

    fn find(&self, request: &Request) -> Option<(u64, LegId)> {
        let to = request.require::<To>().ok()?;
        self.by_tag.get(to.tag()?).copied()
    }

    fn follow(&mut self, followups: Vec<Followup>, now: Now) {
        for followup in followups {
            match followup {
                Followup::Answer(key, response) => self.respond(key, response, now),
                Followup::Probe(extension, binding) => self.probe(extension, &binding, now),
                Followup::Bound(extension, binding) => {
                    let phone = phone(extension, &binding);
                    let interested = self.calls.iter().filter(|(_, it)| it.lines.contains(&extension));
                    let interested: Vec<u64> = interested.map(|(number, _)| *number).collect();
                    let joined = |number| (number, Input::Joined(Box::new(phone.clone())));
                    self.mail.extend(interested.into_iter().map(joined));
                }
            }
        }
    }

    /// Asks a registered phone for a sign of life.
    fn probe(&mut self, extension: ExtensionId, binding: &Binding, now: Now) {
        let us = NameAddr::new(Uri::parse(&format!("sip:{DOMAIN}")).unwrap());
        let call_id = header::CallId::new(&self.entropy.word(24)).unwrap();
        let request = Request::builder(Method::Options, &binding.contact)
            .header(&MaxForwards::new(70))
            .header(&From::new(us.with_tag(&self.entropy.word(12))))
            .header(&To::new(binding.contact.clone()))
            .header(&call_id)
            .header(&CSeq::new(1, Method::Options))
            .build();
        let owner = Owner::Probe(extension, binding.key.clone());
        self.request(owner, &request, &Wire::of(&binding.reach), now);
    }

    pub(super) fn tell(&mut self, kind: &str, text: &str) {
        self.out.push(Out::Tell(format!("         {kind:<5} {text}")));
    }
}

pub(super) fn phone(extension_id: ExtensionId, binding: &Binding) -> Phone {
    Phone {
        who: Who::Device {
            extension_id,
            device_id: binding.device_id,
        },
        contact: binding.contact.clone(),
        reach: binding.reach.clone(),
        path: binding.path.clone(),
        our_contact: contact(&Wire::of(&binding.reach)),
        letter: None,
    }
}

/// Where a phone sends its requests of a dialog to.
fn contact(wire: &Wire) -> header::Contact {
    let uri = SipUri::new(Scheme::Sip, host(EXCHANGE.ip()))
        .with_user("wigwag")
        .with_port(Some(EXCHANGE.port()));
    let uri = match wire.connection() {
        Some(_) => uri.with_param("transport", Some("tls")),
        None => uri,
    };
    header::Contact::new(NameAddr::new(uri))
}
