//! Layers against each other, against storms, and against attackers.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use bytes::Bytes;
use wigwag_sansio::{
    Entropy, Machine, Now, Tick,
    testing::{BadNetwork, VirtualClock, Weather},
};

use super::{
    Event, Failure, FlowId, Hop, Layer, Link, Output, Received, Refusal, ServerKey, Settings, Timers,
    fixture::{VIA, request, response, unsent},
};
use crate::wire::{
    HeaderName, Host, Message, Method, Request,
    header::{CSeq, CallId, Transport},
};

const DATAGRAM: FlowId = FlowId {
    node: 0,
    link: Link::Datagram {
        socket: 0,
        local: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        remote: SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5060),
    },
};
const CONNECTION: FlowId = FlowId {
    node: 0,
    link: Link::Connection(7),
};

/// A layer that is frozen and thawed before each step, and must do the same as its twin that is not.
struct Side {
    layer: Layer<u32>,
}

impl Side {
    fn new(seed: u64) -> Self {
        Side::with_room(seed, 1_000)
    }

    fn with_room(seed: u64, max_transactions: usize) -> Self {
        let settings = Settings {
            shard: 3,
            timers: Timers::RFC_3261,
            max_transactions,
        };
        Side {
            layer: Layer::new(settings, Entropy::from_number(seed)),
        }
    }

    fn step<R>(&mut self, act: impl Fn(&mut Layer<u32>) -> R) -> (R, Vec<Output<u32>>) {
        let ice = postcard::to_allocvec(&self.layer).expect("a layer is plain data");
        let mut thawed: Layer<u32> = postcard::from_bytes(&ice).expect("what was frozen can be thawed");
        act(&mut self.layer);
        let expected: Vec<_> = std::iter::from_fn(|| self.layer.poll()).collect();
        let result = act(&mut thawed);
        let outputs: Vec<_> = std::iter::from_fn(|| thawed.poll()).collect();
        assert_eq!(format!("{outputs:?}"), format!("{expected:?}"));
        assert_eq!(thawed.deadline(), self.layer.deadline());
        self.layer = thawed;
        (result, outputs)
    }

    fn receive(&mut self, message: impl Into<Message>, now: Now) -> Vec<Output<u32>> {
        let received = Received {
            message: message.into(),
            flow: DATAGRAM,
        };
        self.step(|layer| layer.handle(received.clone(), now)).1
    }

    fn request(&mut self, owner: u32, request: &Request, flow: FlowId, now: Now) -> (super::ClientKey, Request) {
        let (key, outputs) = self.step(|layer| layer.request(owner, request, hop(flow), now));
        (key.expect("there is room"), sent_request(&outputs))
    }

    fn accept(&mut self, request: &Request, now: Now) -> ServerKey {
        self.step(|layer| layer.accept(request, DATAGRAM, now))
            .0
            .expect("there is room")
    }
}

fn hop(flow: FlowId) -> Hop {
    let host = Host::parse("192.0.2.1").expect("an address");
    Hop {
        flow,
        transport: Transport::Udp,
        host,
        port: Some(5060),
    }
}

fn parse(bytes: &Bytes) -> Message {
    Message::parse(bytes.clone()).expect("a layer sends messages")
}

fn sent(outputs: &[Output<u32>]) -> Vec<Message> {
    let packet = |output: &Output<u32>| match output {
        Output::Send { packet, .. } => Some(parse(packet.bytes())),
        Output::Event(_) => None,
    };
    outputs.iter().filter_map(packet).collect()
}

fn sent_request(outputs: &[Output<u32>]) -> Request {
    match sent(outputs).pop() {
        Some(Message::Request(request)) => request,
        other => panic!("a request is sent, not {other:?}"),
    }
}

fn statuses(outputs: &[Output<u32>]) -> Vec<u16> {
    let status = |message: Message| match message {
        Message::Response(response) => response.status().as_u16(),
        Message::Request(_) => 0,
    };
    sent(outputs).into_iter().map(status).collect()
}

fn events(outputs: Vec<Output<u32>>) -> Vec<Event<u32>> {
    let event = |output| match output {
        Output::Event(event) => Some(event),
        Output::Send { .. } => None,
    };
    outputs.into_iter().filter_map(event).collect()
}

/// A request in a call of its own.
fn call(method: Method, number: u32) -> Request {
    let call_id = CallId::new(&format!("call-{number}")).expect("a Call-ID");
    unsent(method).build().replace(&call_id)
}

#[test]
fn two_layers_agree_through_a_storm() {
    const CALLS: u32 = 60;
    for seed in 1..=3 {
        let mut storm = Storm::new(seed);
        for number in 0..CALLS {
            let method = if number % 2 == 0 {
                Method::Invite
            } else {
                Method::Options
            };
            storm.send(number, &call(method, number));
        }
        storm.run();
        assert_eq!(storm.finals.len(), CALLS as usize);
        assert!(
            storm.finals.values().any(|status| *status == 487),
            "some were cancelled"
        );
        let answered = storm.finals.values().filter(|status| **status != 0).count();
        assert!(answered > 50, "only {answered} of {CALLS} were answered");
        assert_eq!(
            (storm.caller.layer.transactions(), storm.callee.layer.transactions()),
            (0, 0)
        );
    }
}

/// Two layers on a bad network. The callee says 200 to OPTIONS, refuses every other INVITE with 486, and rings for the
/// rest until the caller gives them up.
struct Storm {
    caller: Side,
    callee: Side,
    network: BadNetwork<(bool, Bytes)>,
    clock: VirtualClock,
    ringing: BTreeMap<ServerKey, Request>,
    /// The final status of each request, 0 for none.
    finals: BTreeMap<u32, u16>,
}

impl Storm {
    fn new(seed: u64) -> Self {
        Storm {
            caller: Side::new(seed),
            callee: Side::new(seed + 100),
            network: BadNetwork::new(Weather::STORM, seed),
            clock: VirtualClock::default(),
            ringing: BTreeMap::new(),
            finals: BTreeMap::new(),
        }
    }

    fn send(&mut self, owner: u32, request: &Request) {
        let now = self.clock.now();
        let (_, outputs) = self
            .caller
            .step(|layer| layer.request(owner, request, hop(DATAGRAM), now));
        self.carry_out(true, outputs);
    }

    fn run(&mut self) {
        loop {
            let due = [
                self.network.next_arrival(),
                self.caller.layer.deadline(),
                self.callee.layer.deadline(),
            ];
            let Some(next) = due.into_iter().flatten().min() else {
                return;
            };
            let now = self.clock.advance_to(next);
            while let Some((to_caller, bytes)) = self.network.receive(now.tick) {
                let side = if to_caller { &mut self.caller } else { &mut self.callee };
                let outputs = side.receive(parse(&bytes), now);
                self.carry_out(to_caller, outputs);
            }
            for is_caller in [true, false] {
                let side = if is_caller { &mut self.caller } else { &mut self.callee };
                let outputs = side.step(|layer| layer.handle_timeout(now)).1;
                self.carry_out(is_caller, outputs);
            }
        }
    }

    fn carry_out(&mut self, is_caller: bool, outputs: Vec<Output<u32>>) {
        let now = self.clock.now();
        for output in outputs {
            match output {
                Output::Send { packet, .. } => self.network.send((!is_caller, packet.into_bytes()), now.tick),
                Output::Event(Event::New(request)) => self.answer(&request),
                Output::Event(Event::Response { owner, response, .. }) if response.status().is_final() => {
                    let before = self.finals.insert(owner, response.status().as_u16());
                    assert_eq!(before, None, "a final response is delivered once");
                }
                Output::Event(Event::Failed { owner, failure, .. }) => {
                    assert_eq!(failure, Failure::Timeout);
                    assert_eq!(self.finals.insert(owner, 0), None);
                }
                Output::Event(Event::Response { owner, key, .. }) if owner % 2 == 0 => {
                    let outputs = self.caller.step(|layer| layer.cancel(key, None, now)).1;
                    self.carry_out(true, outputs);
                }
                Output::Event(Event::Response { .. }) => {}
                Output::Event(Event::Cancelled { invite, .. }) => {
                    let request = self.ringing.remove(&invite).expect("it is told once");
                    self.respond(invite, &request, 487);
                }
                Output::Event(Event::Ack(_)) => panic!("nothing was accepted"),
            }
        }
    }

    fn answer(&mut self, request: &Request) {
        let now = self.clock.now();
        let (key, outputs) = self.callee.step(|layer| layer.accept(request, DATAGRAM, now));
        self.carry_out(false, outputs);
        let key = key.expect("there is room");
        let call_id = request.header(HeaderName::CallId).expect("it was sent");
        let is_even = call_id.last().is_some_and(|digit| digit % 2 == 0);
        if *request.method() == Method::Options {
            self.respond(key, request, 200);
        } else if is_even {
            self.ringing.insert(key, request.clone());
            self.respond(key, request, 180);
        } else {
            self.respond(key, request, 486);
        }
    }

    fn respond(&mut self, key: ServerKey, request: &Request, code: u16) {
        let now = self.clock.now();
        let (result, outputs) = self
            .callee
            .step(|layer| layer.respond(key, response(request, code), now));
        result.expect("nothing final was sent before");
        self.carry_out(false, outputs);
    }
}

#[test]
fn an_invite_is_offered_then_tried_then_answered() {
    let (mut side, now) = (Side::new(1), VirtualClock::default().now());
    let invite = request(Method::Invite, VIA);
    assert!(matches!(events(side.receive(invite.clone(), now))[..], [Event::New(_)]));
    let (key, outputs) = side.step(|layer| layer.accept(&invite, DATAGRAM, now));
    assert_eq!(statuses(&outputs), [100]);
    let key = key.expect("there is room");
    assert_eq!(key.shard(), 3);
    assert_eq!(
        side.step(|layer| layer.accept(&invite, DATAGRAM, now)).0,
        Err(Refusal::Duplicate)
    );
    assert_eq!(statuses(&side.receive(invite.clone(), now)), [100]);
    assert_eq!(
        statuses(&side.step(|layer| layer.respond(key, response(&invite, 486), now)).1),
        [486]
    );
    assert_eq!(statuses(&side.receive(invite, now)), [486]);
    assert!(side.receive(request(Method::Ack, VIA), now).is_empty());
    assert_eq!(side.layer.tally().absorbed, 2);
}

#[test]
fn an_ack_of_nothing_and_of_a_2xx_is_an_event() {
    let (mut side, now) = (Side::new(1), VirtualClock::default().now());
    let stray = request(Method::Ack, VIA);
    assert!(matches!(events(side.receive(stray.clone(), now))[..], [Event::Ack(_)]));
    let invite = request(Method::Invite, VIA);
    let key = side.accept(&invite, now);
    side.step(|layer| layer.respond(key, response(&invite, 200), now))
        .0
        .expect("it lives");
    assert!(matches!(events(side.receive(stray, now))[..], [Event::Ack(_)]));
}

#[test]
fn a_cancel_storm_is_told_once_and_leaves_nothing() {
    let (mut side, now) = (Side::new(1), VirtualClock::default().now());
    let (invite, cancel) = (request(Method::Invite, VIA), request(Method::Cancel, VIA));
    let key = side.accept(&invite, now);
    side.step(|layer| layer.respond(key, response(&invite, 180), now))
        .0
        .expect("it lives");
    let outputs = side.receive(cancel.clone(), now);
    let Some(Message::Response(answer)) = sent(&outputs).pop() else {
        panic!("a CANCEL is answered")
    };
    let to: crate::wire::header::To = answer.require().expect("a response has a To");
    assert_eq!(to.tag(), Some("99sa0xk"), "the tag that the INVITE's responses have");
    assert!(matches!(events(outputs)[..], [Event::Cancelled { invite, .. }] if invite == key));
    for _ in 0..500 {
        let outputs = side.receive(cancel.clone(), now);
        assert_eq!(statuses(&outputs), [200]);
        assert!(events(outputs).is_empty());
    }
    assert_eq!(side.layer.transactions(), 1);
}

#[test]
fn a_cancel_of_nothing_is_answered_481_and_one_of_an_answered_invite_changes_nothing() {
    let (mut side, now) = (Side::new(1), VirtualClock::default().now());
    let (invite, cancel) = (request(Method::Invite, VIA), request(Method::Cancel, VIA));
    assert_eq!(statuses(&side.receive(cancel.clone(), now)), [481]);
    let key = side.accept(&invite, now);
    side.step(|layer| layer.respond(key, response(&invite, 200), now))
        .0
        .expect("it lives");
    let outputs = side.receive(cancel, now);
    assert_eq!(statuses(&outputs), [200]);
    assert!(events(outputs).is_empty());
}

#[test]
fn a_request_of_ours_is_cancelled_with_its_own_branch() {
    let (mut side, now) = (Side::new(1), VirtualClock::default().now());
    let (key, invite) = side.request(5, &call(Method::Invite, 1), DATAGRAM, now);
    let outputs = side.step(|layer| layer.cancel(key, None, now)).1;
    assert!(outputs.is_empty(), "held back until a provisional response");
    let outputs = side.receive(response(&invite, 180), now);
    let cancel = sent_request(&outputs);
    assert_eq!(
        (cancel.method(), cancel.header(HeaderName::Via)),
        (&Method::Cancel, invite.header(HeaderName::Via))
    );
    assert!(matches!(events(outputs)[..], [Event::Response { owner: 5, .. }]));
    assert_eq!(side.layer.transactions(), 2);
    assert!(
        side.receive(response(&cancel, 200), now).is_empty(),
        "its answer is nobody's business"
    );
    let outputs = side.receive(response(&invite, 487), now);
    assert_eq!(*sent_request(&outputs).method(), Method::Ack);
    assert!(matches!(events(outputs)[..], [Event::Response { owner: 5, .. }]));
}

#[test]
fn a_cancelled_invite_without_final_response_fails_after_64_t1() {
    let (mut side, mut clock) = (Side::new(1), VirtualClock::default());
    let (key, invite) = side.request(5, &call(Method::Invite, 1), DATAGRAM, clock.now());
    side.receive(response(&invite, 180), clock.now());
    side.step(|layer| layer.cancel(key, None, clock.now()));
    let mut failures = Vec::new();
    while let Some(deadline) = side.layer.deadline() {
        let now = clock.advance_to(deadline);
        failures.extend(events(side.step(|layer| layer.handle_timeout(now)).1));
    }
    assert!(matches!(
        failures[..],
        [Event::Failed {
            owner: 5,
            failure: Failure::Timeout,
            ..
        }]
    ));
    assert_eq!(clock.now().tick, Tick::from_micros(32_000_000));
    assert_eq!(side.layer.transactions(), 0);
}

#[test]
fn responses_that_do_not_fit_are_dropped() {
    let (mut side, now) = (Side::new(1), VirtualClock::default().now());
    let (_, options) = side.request(5, &call(Method::Options, 1), DATAGRAM, now);
    let via = String::from_utf8(options.header(HeaderName::Via).expect("it was sent").to_vec()).expect("ASCII");
    let with_via = |via: &str| {
        let forged = options.remove(HeaderName::Via).with_via(&via_of(via));
        response(&forged, 200)
    };
    let branch = via_of(&via).branch().expect("every Via of ours has one").to_owned();
    let other_secret = via.replace(&branch, &format!("{}0000", &branch[..branch.len() - 4]));
    for forged in [
        VIA,
        "SIP/2.0/UDP 255.255.255.255",
        "SIP/2.0/UDP h;branch=z9hG4bK.",
        "SIP/2.0/UDP h;branch=z9hG4bKffffffffffffffffffffffffffff.0",
        other_secret.as_str(),
    ] {
        assert!(side.receive(with_via(forged), now).is_empty(), "{forged}");
    }
    let other_method = options.replace(&CSeq::new(986_759, Method::Bye));
    assert!(side.receive(response(&other_method, 200), now).is_empty());
    assert_eq!(side.layer.tally().strays, 6);
    assert_eq!(events(side.receive(response(&options, 200), now)).len(), 1);
}

fn via_of(text: &str) -> crate::wire::header::Via {
    crate::wire::header::Header::parse(text.as_bytes()).expect("a Via")
}

#[test]
fn a_via_forged_from_another_call_finds_no_transaction() {
    let (mut side, now) = (Side::new(1), VirtualClock::default().now());
    side.accept(&request(Method::Invite, VIA), now);
    for method in [Method::Cancel, Method::Ack, Method::Invite] {
        let forged = call(method.clone(), 99).with_via(&via_of(VIA));
        let outputs = side.receive(forged, now);
        if method == Method::Cancel {
            assert_eq!(statuses(&outputs), [481]);
        } else {
            assert!(matches!(events(outputs)[..], [Event::Ack(_) | Event::New(_)]));
        }
    }
}

#[test]
fn an_rfc_2543_peer_without_branches_is_understood() {
    let (mut side, now) = (Side::new(1), VirtualClock::default().now());
    for via in [
        "SIP/2.0/UDP old.example",
        "SIP/2.0/UDP old.example;branch=z9hG4bK",
        "SIP/2.0/UDP old.example;branch=7",
    ] {
        let number = via.len() as u32;
        let of = |method| call(method, number).with_via(&via_of(via));
        let invite = of(Method::Invite);
        let key = side.accept(&invite, now);
        assert_eq!(statuses(&side.receive(invite.clone(), now)), [100]);
        assert!(matches!(
            events(side.receive(of(Method::Cancel), now))[..],
            [Event::Cancelled { .. }]
        ));
        let refusal = response(&invite, 487);
        side.step(|layer| layer.respond(key, refusal.clone(), now))
            .0
            .expect("it lives");
        let to: crate::wire::header::To = refusal.require().expect("a response has a To");
        assert!(
            side.receive(of(Method::Ack).replace(&to), now).is_empty(),
            "the ACK is absorbed"
        );
        let next = of(Method::Invite).replace(&CSeq::new(986_760, Method::Invite));
        assert!(matches!(events(side.receive(next, now))[..], [Event::New(_)]));
    }
}

#[test]
fn a_full_layer_refuses_and_recovers() {
    let (mut side, mut clock) = (Side::with_room(1, 2), VirtualClock::default());
    let of = |number| call(Method::Options, number).with_via(&via_of(VIA));
    side.accept(&of(1), clock.now());
    side.request(5, &call(Method::Options, 2), DATAGRAM, clock.now());
    assert_eq!(
        side.step(|layer| layer.accept(&of(3), DATAGRAM, clock.now())).0,
        Err(Refusal::Full)
    );
    let request = call(Method::Options, 4);
    let full = side.step(|layer| layer.request(5, &request, hop(DATAGRAM), clock.now()));
    assert!(matches!(full, (Err(Refusal::Full), outputs) if outputs.is_empty()));
    let now = clock.advance(Duration::from_secs(33));
    side.step(|layer| layer.handle_timeout(now));
    side.accept(&of(3), now);
}

#[test]
fn a_full_layer_still_takes_what_belongs_to_a_dialog() {
    let (mut side, now) = (Side::with_room(1, 4), VirtualClock::default().now());
    let of = |number| call(Method::Bye, number).with_via(&via_of(VIA));
    for number in 1..=4 {
        side.accept(&of(number), now);
    }
    assert_eq!(
        side.step(|layer| layer.accept(&of(5), DATAGRAM, now)).0,
        Err(Refusal::Full)
    );
    let to: crate::wire::header::To = response(&of(6), 200).require().expect("a response has a To");
    side.accept(&of(6).replace(&to), now);
    assert_eq!(
        side.step(|layer| layer.accept(&of(7).replace(&to), DATAGRAM, now)).0,
        Err(Refusal::Full)
    );
}

#[test]
fn what_waits_on_a_connection_fails_with_it() {
    let (mut side, now) = (Side::new(1), VirtualClock::default().now());
    side.request(1, &call(Method::Invite, 1), CONNECTION, now);
    side.request(2, &call(Method::Options, 2), CONNECTION, now);
    let (_, options) = side.request(3, &call(Method::Options, 3), CONNECTION, now);
    side.request(
        4,
        &call(Method::Options, 4),
        FlowId {
            node: 0,
            link: Link::Connection(8),
        },
        now,
    );
    side.request(5, &call(Method::Options, 5), DATAGRAM, now);
    side.receive(response(&options, 200), now);
    let failed = events(side.step(|layer| layer.connection_failed(7, now)).1);
    let transport = Failure::Transport;
    assert!(matches!(
        failed[..],
        [Event::Failed { owner: 1, failure: a, .. }, Event::Failed { owner: 2, failure: b, .. }]
            if a == transport && b == transport
    ));
    assert_eq!(side.layer.transactions(), 2);
}

#[test]
fn a_flood_leaves_no_memory_behind_after_64_t1() {
    let mut layer: Layer<u32> = Layer::new(
        Settings {
            shard: 0,
            timers: Timers::RFC_3261,
            max_transactions: 20_000,
        },
        Entropy::from_number(1),
    );
    let mut clock = VirtualClock::default();
    for number in 0..5_000 {
        let of = |method| call(method, number).with_via(&via_of(VIA));
        let (invite, options) = (of(Method::Invite), of(Method::Options));
        let key = layer.accept(&invite, DATAGRAM, clock.now()).expect("there is room");
        layer
            .respond(key, response(&invite, 486), clock.now())
            .expect("it lives");
        layer.accept(&options, CONNECTION, clock.now()).expect("there is room");
        layer
            .request(number, &call(Method::Options, number), hop(CONNECTION), clock.now())
            .expect("there is room");
        while layer.poll().is_some() {}
    }
    let flooded = postcard::to_allocvec(&layer).expect("a layer is plain data").len();
    assert!(flooded > 1_000_000);
    while let Some(deadline) = layer.deadline().filter(|tick| *tick <= Tick::from_micros(32_000_000)) {
        layer.handle_timeout(clock.advance_to(deadline));
        while layer.poll().is_some() {}
    }
    assert_eq!((layer.transactions(), layer.deadline()), (0, None));
    let empty = postcard::to_allocvec(&layer).expect("a layer is plain data").len();
    assert!(empty < 256, "{empty} bytes");
}
