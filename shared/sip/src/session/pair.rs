//! Two sessions that call each other through real transactions over a network as bad as a test wants: the shortest
//! complete driver of sessions, drawn as a ladder.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use wigwag_sansio::{
    Entropy, Machine, Now, Tick,
    testing::{BadNetwork, FreezeThaw, VirtualClock, Weather},
};

use super::{Command, Event, Input, Outgoing, Output, RequestToken, Session, Settings, ladder};
use crate::{
    transaction::{self, Failure, FlowId, Hop, Layer, Link, Received, Timers},
    wire::{
        Host, Message, Method, Request, StatusCode,
        header::{To, Transport},
    },
};

/// The side that calls.
pub const CALLER: usize = 0;
/// The side that is called.
pub const CALLEE: usize = 1;

/// Two sessions, their transactions, and the network between them.
#[derive(Debug)]
pub struct Pair {
    sides: [Side; 2],
    network: BadNetwork<(usize, Bytes)>,
    clock: VirtualClock,
    ladder: Vec<String>,
}

#[derive(Debug)]
struct Side {
    name: &'static str,
    settings: Settings,
    entropy: Entropy,
    layer: Layer<RequestToken>,
    session: Option<FreezeThaw<Session>>,
    clients: BTreeMap<RequestToken, transaction::ClientKey>,
    events: Vec<Event>,
}

impl Pair {
    /// The caller sends its INVITE.
    pub fn call(outgoing: Outgoing, settings: [Settings; 2], weather: Weather, seed: u64) -> Pair {
        let [caller, callee] = settings;
        let mut pair = Pair {
            sides: [Side::new("caller", caller, seed), Side::new("callee", callee, seed + 1)],
            network: BadNetwork::new(weather, seed),
            clock: VirtualClock::default(),
            ladder: Vec::new(),
        };
        let side = &mut pair.sides[CALLER];
        let session = Session::outgoing(outgoing, side.settings.clone(), side.entropy.fork());
        pair.adopt(CALLER, session);
        pair
    }

    /// One of the owners commands.
    pub fn command(&mut self, side: usize, command: Command) {
        self.feed(side, Input::Command(command));
    }

    /// Time passes, and everything that is due happens.
    pub fn run(&mut self, duration: Duration) {
        let end = self.clock.now().tick + duration;
        while let Some(due) = self.next_due().filter(|due| *due <= end) {
            let now = self.clock.advance_to(due);
            while let Some((side, datagram)) = self.network.receive(now.tick) {
                self.deliver(side, datagram, now);
            }
            for side in [CALLER, CALLEE] {
                self.wake(side, now);
            }
        }
        self.clock.advance_to(end);
    }

    /// What the owner of this side was told since it was last asked.
    pub fn events(&mut self, side: usize) -> Vec<Event> {
        std::mem::take(&mut self.sides[side].events)
    }

    /// Every message that was sent and every event since the ladder was last taken.
    pub fn ladder(&mut self) -> String {
        std::mem::take(&mut self.ladder).join("\n")
    }

    /// Whether both sessions are over and no transaction is left.
    pub fn is_over(&self) -> bool {
        self.sides.iter().all(|side| {
            let is_over = side.session.as_ref().is_none_or(|session| session.inner().is_over());
            is_over && side.layer.transactions() == 0
        })
    }

    fn next_due(&self) -> Option<Tick> {
        let timers = self.sides.iter().flat_map(|side| {
            let session = side.session.as_ref().and_then(FreezeThaw::deadline);
            [session, side.layer.deadline()]
        });
        timers.flatten().chain(self.network.next_arrival()).min()
    }

    fn deliver(&mut self, side: usize, datagram: Bytes, now: Now) {
        let message = Message::parse(datagram).expect("both sides write well-formed messages");
        let flow = flow_to(1 - side);
        self.sides[side].layer.handle(Received { message, flow }, now);
        self.settle(side);
    }

    fn wake(&mut self, side: usize, now: Now) {
        self.sides[side].layer.handle_timeout(now);
        self.settle(side);
        if let Some(session) = &mut self.sides[side].session {
            let outputs = session.handle_timeout(now);
            self.carry_out(side, outputs);
        }
    }

    fn adopt(&mut self, side: usize, session: Session) {
        let mut session = FreezeThaw::new(session);
        let outputs = session.handle_timeout(self.clock.now());
        self.sides[side].session = Some(session);
        self.carry_out(side, outputs);
    }

    fn feed(&mut self, side: usize, input: Input) {
        let now = self.clock.now();
        if let Some(session) = &mut self.sides[side].session {
            let outputs = session.handle(input, now);
            self.carry_out(side, outputs);
        }
    }

    /// Does what a session wants, and what comes of it.
    fn carry_out(&mut self, side: usize, outputs: Vec<Output>) {
        let now = self.clock.now();
        let mut failed = VecDeque::new();
        for output in outputs {
            let this = &mut self.sides[side];
            match output {
                Output::Request { token, request, .. } => match this.layer.request(token, &request, hop(side), now) {
                    Ok(key) => {
                        this.clients.insert(token, key);
                    }
                    Err(_full) => failed.push_back(token),
                },
                Output::Cancel { token, reasons } => {
                    let key = this.clients[&token];
                    this.layer.cancel(key, reasons.into_iter().next(), now);
                }
                Output::Ack { request, .. } => {
                    let branch = this.layer.stateless_branch();
                    self.transmit(side, request.with_via(&hop(side).via(&branch)).bytes().clone());
                }
                Output::Respond { key, response } => {
                    let _gone = this.layer.respond(key, response, now);
                }
                Output::Event(event) => {
                    let name = this.name;
                    self.ladder.push(format!("{name} * {}", ladder::event_line(&event)));
                    self.sides[side].events.push(event);
                }
            }
            self.settle(side);
        }
        for token in failed {
            let failure = Failure::Transport;
            self.feed(side, Input::Failed { token, failure });
        }
    }

    /// Carries out what the transactions want until they want nothing more.
    fn settle(&mut self, side: usize) {
        while let Some(output) = self.sides[side].layer.poll() {
            let event = match output {
                transaction::Output::Send { packet, .. } => {
                    self.transmit(side, packet.into_bytes());
                    continue;
                }
                transaction::Output::Event(event) => event,
            };
            match event {
                transaction::Event::New(request) => self.offer(side, request),
                transaction::Event::Ack(request) => self.feed(side, Input::Ack(request)),
                transaction::Event::Cancelled { invite, cancel } => {
                    let (key, request) = (invite, cancel);
                    self.feed(side, Input::Cancel { key, request });
                }
                transaction::Event::Response { owner, response, .. } => {
                    let token = owner;
                    self.feed(side, Input::Response { token, response });
                }
                transaction::Event::Failed { owner, failure, .. } => {
                    let token = owner;
                    self.feed(side, Input::Failed { token, failure });
                }
            }
        }
    }

    /// A request that belongs to no transaction: to the session, to a new one, or to nobody.
    fn offer(&mut self, side: usize, request: Request) {
        let now = self.clock.now();
        let this = &mut self.sides[side];
        let Ok(key) = this.layer.accept(&request, flow_to(1 - side), now) else {
            return;
        };
        let tag = request.require::<To>().ok().and_then(|to| to.tag().map(String::from));
        if let (Some(session), Some(tag)) = (&this.session, &tag)
            && session.inner().key().local_tag == *tag
        {
            return self.feed(side, Input::Request { key, request });
        }
        if tag.is_none() && this.session.is_none() && request.method() == &Method::Invite {
            let (settings, entropy) = (this.settings.clone(), this.entropy.fork());
            match Session::incoming(key, request, settings, entropy) {
                Ok((session, _invitation)) => self.adopt(side, session),
                Err(refusal) => drop(this.layer.respond(key, refusal, now)),
            }
        } else {
            let refusal = crate::wire::Response::reply_to(&request, StatusCode::CALL_DOES_NOT_EXIST);
            let _gone = this.layer.respond(key, refusal.to_tag("nobody").build(), now);
        }
    }

    fn transmit(&mut self, side: usize, datagram: Bytes) {
        let message = Message::parse(datagram.clone()).expect("both sides write well-formed messages");
        let arrow = ["→", "←"][side];
        self.ladder.push(format!("{arrow} {}", ladder::line(&message)));
        self.network.send((1 - side, datagram), self.clock.now().tick);
    }
}

impl Side {
    fn new(name: &'static str, settings: Settings, seed: u64) -> Self {
        let mut entropy = Entropy::from_number(seed);
        let layer = transaction::Settings {
            shard: 0,
            timers: Timers::RFC_3261,
            max_transactions: 100,
        };
        Side {
            name,
            settings,
            layer: Layer::new(layer, entropy.fork()),
            entropy,
            session: None,
            clients: BTreeMap::new(),
            events: Vec::new(),
        }
    }
}

fn hop(side: usize) -> Hop {
    Hop {
        flow: flow_to(1 - side),
        transport: Transport::Udp,
        host: Host::V4(address(side)),
        port: None,
    }
}

fn flow_to(side: usize) -> FlowId {
    let link = Link::Datagram {
        socket: 0,
        local: IpAddr::V4(address(1 - side)),
        remote: SocketAddr::new(IpAddr::V4(address(side)), 5060),
    };
    FlowId { node: 0, link }
}

fn address(side: usize) -> Ipv4Addr {
    [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2)][side]
}
