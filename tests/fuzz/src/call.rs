//! The call machine under random events: it never panics, and once somebody in charge ends it, it ends, with its facts
//! numbered without a gap and every leg's sound closed.

use std::{
    collections::{BTreeSet, VecDeque},
    net::SocketAddr,
    time::Duration,
};

use bytes::Bytes;
use wigwag_model::{CallDirection, DeviceId, ExtensionId, HangupCause, LegId, MediaFigures, Party};
use wigwag_pbx::{
    call::{
        Answer, CALLER, Call, Input, MediaCommand, NoPorts, NotChanged, Observed, Origin, Output, Phone, PinVerdict,
        Ports, Question, SipAction, Who,
    },
    registrar::Reach,
    routing::{Arm, Attempt, Course, Decision, Order, Plan, Ring, Stage, Target, Treatment},
};
use wigwag_sansio::{Entropy, Machine, Now, Pii, testing::VirtualClock};
use wigwag_sip::{
    session::{self, RequestToken, Session, Settings, TimerPolicy},
    transaction::{Failure, FlowId, Link, ServerKey},
    wire::{
        HeaderName, Message, Method, Request, Response, StatusCode, Uri,
        header::{Contact, NameAddr, To, Transport},
    },
};

/// More events than any input has bytes for; a call that goes on by itself for longer never ends.
const STEPS_TO_END: usize = 2_000;
const SDP: &str =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\n";
const HELD: &str = "v=0\r\no=- 1 2 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\na=sendonly\r\n";
const FAX: &str = "v=0\r\no=- 1 3 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=image 4000 udptl t38\r\n";
const BODIES: [&str; 5] = ["", SDP, HELD, FAX, "v=0"];
const CODES: [u16; 16] = [
    100, 180, 183, 200, 200, 200, 202, 302, 401, 408, 422, 481, 486, 491, 500, 603,
];
const METHODS: [Method; 7] = [
    Method::Invite,
    Method::Update,
    Method::Bye,
    Method::Info,
    Method::Refer,
    Method::Options,
    Method::Prack,
];

/// Each byte is an event, or says something about the one before it.
pub(crate) fn life(input: &[u8]) {
    let mut bytes = input.iter().copied();
    let Some(mut world) = World::begin(&mut bytes) else {
        return;
    };
    while let Some(event) = bytes.next() {
        world.happens(event, &mut bytes);
    }
    world.ends();
}

/// The call, and everything around it.
struct World {
    call: Call,
    clock: VirtualClock,
    entropy: Entropy,
    /// Requests of ours that have no final answer.
    asked: Vec<(LegId, RequestToken, Request)>,
    /// How we are called in each leg's dialog: Call-ID, our tag, the phone's tag.
    dialogs: Vec<(LegId, String, String, String)>,
    /// Replies that the shell has at once.
    replies: VecDeque<Input>,
    /// Measurements that come when they come.
    owed: Vec<Input>,
    open: BTreeSet<LegId>,
    next_sequence: u32,
    last_key: u64,
    is_over: bool,
}

impl World {
    fn begin(bytes: &mut impl Iterator<Item = u8>) -> Option<World> {
        let (plan, body) = (bytes.next()?, BODIES[usize::from(bytes.next()?) % BODIES.len()]);
        let (clock, mut entropy) = (VirtualClock::default(), Entropy::from_number(1));
        let caller = ExtensionId::new(clock.now().utc, &mut entropy);
        let mut target = || Target::Extension(ExtensionId::new(clock.now().utc, &mut entropy));
        let course = start();
        let plan = match plan % 8 {
            0 => Plan::Treat(Treatment::Echo),
            1 => Plan::Reject(HangupCause::UnknownNumber),
            2..=4 => ring(&course, &[target()], 0),
            kind => ring(&course, &[target(), target(), target()], u32::from(kind) - 5),
        };
        let invite = request(
            &Method::Invite,
            "caller",
            "<sip:202@wigwag.localhost>",
            "phone",
            1,
            body,
        );
        let settings = Settings {
            contact: contact(),
            headers: Vec::new(),
            timer: TimerPolicy::default(),
            credentials: None,
        };
        let (session, invitation) = Session::incoming(ServerKey::new(0, 0), invite, settings, entropy.fork()).ok()?;
        let origin = Origin {
            session,
            invitation,
            reach: reach(1),
            who: device(clock.now(), &mut entropy),
            caller: Party {
                name: None,
                number: Pii::new("201".to_owned()),
                extension: None,
            },
            attempt: Attempt::dialled(caller, "202"),
            dialled: Pii::new("202".into()),
            direction: CallDirection::Internal,
            decision: Decision {
                plan,
                callee: None,
                trace: Vec::new(),
            },
            domain: "wigwag.localhost".into(),
            max_forwards: 69,
            headers: Vec::new(),
            entropy: entropy.fork(),
        };
        let mut world = World {
            call: Call::new(origin, clock.now()),
            clock,
            entropy,
            asked: Vec::new(),
            dialogs: Vec::new(),
            replies: VecDeque::new(),
            owed: Vec::new(),
            open: BTreeSet::new(),
            next_sequence: 0,
            last_key: 0,
            is_over: false,
        };
        world.drain();
        Some(world)
    }

    fn happens(&mut self, event: u8, bytes: &mut impl Iterator<Item = u8>) {
        let mut byte = || usize::from(bytes.next().unwrap_or_default());
        match event % 16 {
            0..=4 if !self.owed.is_empty() => {
                let reply = self.owed.remove(byte() % self.owed.len());
                self.put(reply);
            }
            0..=4 if !self.asked.is_empty() => {
                let which = byte() % self.asked.len();
                self.answers(
                    which,
                    CODES[byte() % CODES.len()],
                    BODIES[byte() % BODIES.len()],
                    byte(),
                );
            }
            5 if !self.asked.is_empty() => {
                let (leg, token, _) = self.asked.remove(byte() % self.asked.len());
                let failure = [Failure::Timeout, Failure::Transport][byte() % 2];
                self.sip(leg, session::Input::Failed { token, failure });
            }
            6..=8 if !self.dialogs.is_empty() => {
                let (which, method) = (byte() % self.dialogs.len(), METHODS[byte() % METHODS.len()].clone());
                self.asks(which, &method, BODIES[byte() % BODIES.len()]);
            }
            9 if !self.dialogs.is_empty() => {
                let (leg, call_id, ours, theirs) = self.dialogs[byte() % self.dialogs.len()].clone();
                let to = format!("<sip:x@wigwag.localhost>;tag={ours}");
                let cseq = u32::try_from(self.last_key).unwrap_or(u32::MAX).max(1);
                let ack = request(
                    &Method::Ack,
                    &call_id,
                    &to,
                    &theirs,
                    cseq,
                    BODIES[byte() % BODIES.len()],
                );
                self.sip(leg, session::Input::Ack(ack));
            }
            10 => {
                let cancel = request(&Method::Cancel, "caller", "<sip:202@wigwag.localhost>", "phone", 1, "");
                let key = ServerKey::new(0, u64::try_from(byte() % 4).unwrap_or_default());
                self.sip(CALLER, session::Input::Cancel { key, request: cancel });
            }
            11 => {
                let phone = self.phone(byte());
                self.put(Input::Joined(Box::new(phone)));
            }
            12 => {
                let leg = LegId(u16::try_from(byte() % 6).unwrap_or_default());
                let observed = match byte() % 18 {
                    0 | 3 | 6 => Observed::Silent(Duration::from_secs(60)),
                    1 | 4 | 7 => Observed::Heard,
                    2 | 5 | 8 => Observed::Measured(MediaFigures::default()),
                    other => Observed::Pressed(char::from(b"*#0123104"[other - 9])),
                };
                self.put(Input::Media { leg, observed });
            }
            13 => self.put(Input::FlowClosed(reach(byte() % 4).flow)),
            14 => {
                let leg = LegId(u16::try_from(byte() % 4).unwrap_or_default());
                let reach = reach(byte() % 4);
                self.put(Input::Moved { leg, reach });
            }
            _ => {
                let pause = [1, 500, 4_000, 33_000, 200_000, 2_000_000][byte() % 6];
                self.clock.advance(Duration::from_millis(pause));
                self.wake();
            }
        }
    }

    /// Somebody in charge ends it; nobody answers any more, and the call has to end by itself.
    fn ends(mut self) {
        self.put(Input::HangUp(HangupCause::ServerRestarted));
        for _ in 0..STEPS_TO_END {
            if self.is_over {
                break;
            }
            if let Some(reply) = self.owed.pop() {
                self.put(reply);
            } else if let Some((leg, token, _)) = self.asked.pop() {
                let failure = Failure::Timeout;
                self.sip(leg, session::Input::Failed { token, failure });
            } else {
                let deadline = self
                    .call
                    .deadline()
                    .expect("a call that is not over waits for something");
                self.clock.advance_to(deadline);
                self.wake();
            }
        }
        assert!(self.is_over, "the call never ends");
        assert!(self.open.is_empty(), "sound that nobody closed: {:?}", self.open);
        assert!(self.next_sequence > 0, "a call without a fact");
    }

    fn answers(&mut self, which: usize, code: u16, body: &str, tag: usize) {
        let (leg, token, asked) = &self.asked[which];
        let (leg, token) = (*leg, *token);
        let tag = ["phone", "phone", "fork"][tag % 3];
        let status = StatusCode::new(code).expect("the codes of the list are codes");
        let mut answer = Response::reply_to(asked, status).to_tag(tag);
        answer = answer.raw(HeaderName::Contact, "<sip:phone@192.0.2.9>");
        let answer = match body {
            "" => answer.build(),
            body => answer.body("application/sdp", body.to_owned()).build(),
        };
        if *asked.method() == Method::Invite && code > 100 && code < 300 {
            let text = |name| String::from_utf8_lossy(asked.header(name).unwrap_or_default()).into_owned();
            let ours = text(HeaderName::From);
            let ours = ours.rsplit_once("tag=").map_or("", |(_, tag)| tag).to_owned();
            self.dialogs.push((leg, text(HeaderName::CallId), ours, tag.to_owned()));
        }
        if status.is_final() {
            self.asked.remove(which);
        }
        self.sip(
            leg,
            session::Input::Response {
                token,
                response: answer,
            },
        );
    }

    fn asks(&mut self, which: usize, method: &Method, body: &str) {
        let (leg, call_id, ours, theirs) = self.dialogs[which].clone();
        self.last_key += 1;
        let cseq = u32::try_from(self.last_key).unwrap_or(u32::MAX) + 1;
        let to = format!("<sip:x@wigwag.localhost>;tag={ours}");
        let request = request(method, &call_id, &to, &theirs, cseq, body);
        let key = ServerKey::new(0, self.last_key);
        self.sip(leg, session::Input::Request { key, request });
    }

    fn sip(&mut self, leg: LegId, input: session::Input) {
        self.put(Input::Sip { leg, input });
    }

    fn put(&mut self, input: Input) {
        if !self.is_over {
            self.call.handle(input, self.clock.now());
            self.drain();
        }
    }

    fn wake(&mut self) {
        if !self.is_over {
            self.call.handle_timeout(self.clock.now());
            self.drain();
        }
    }

    fn drain(&mut self) {
        self.carry_out();
        while let Some(reply) = self.replies.pop_front() {
            if !self.is_over {
                self.call.handle(reply, self.clock.now());
                self.carry_out();
            }
        }
    }

    /// The configuration sends calls on and on, to a few phones at a time, until it refuses.
    fn answer(&mut self, question: &Question) -> Answer {
        let count = self.entropy.below(4) as usize;
        match question {
            Question::Transfer { .. } => Answer::Transferred(Decision {
                plan: match self.entropy.below(4) {
                    0 => Plan::Treat(Treatment::Echo),
                    1 => Plan::Reject(HangupCause::UnknownNumber),
                    _ => {
                        let targets = self.targets(count);
                        ring(&start(), &targets, self.entropy.below(3))
                    }
                },
                callee: None,
                trace: Vec::new(),
            }),
            Question::Instead { course, .. } => Answer::Instead(arms(course, &self.targets(count))),
            Question::After { course, .. } => Answer::Follows(Decision {
                plan: match self.entropy.below(4) {
                    0 => Plan::Treat(Treatment::Echo),
                    1 => Plan::Reject(HangupCause::NoAnswer),
                    _ => ring(course, &self.targets(count), self.entropy.below(3)),
                },
                callee: None,
                trace: Vec::new(),
            }),
        }
    }

    fn targets(&mut self, count: usize) -> Vec<Target> {
        let now = self.clock.now().utc;
        (0..count)
            .map(|_| Target::Extension(ExtensionId::new(now, &mut self.entropy)))
            .collect()
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.call.poll() {
            assert!(!self.is_over, "something after the end: {output:?}");
            match output {
                Output::Journal { sequence, .. } => {
                    assert_eq!(sequence, self.next_sequence, "facts are numbered without a gap");
                    self.next_sequence += 1;
                }
                Output::Note(_) => {}
                Output::Reach { arm, .. } => {
                    let phones = match self.entropy.below(4) {
                        0 => Err(HangupCause::NoDevice),
                        count => Ok((0..count).map(|_| self.phone(1)).collect()),
                    };
                    self.replies.push_back(Input::Reached { arm, phones });
                }
                Output::Decide(question) => {
                    let answer = self.answer(&question);
                    self.replies.push_back(Input::Decided(answer));
                }
                Output::Sip { leg, action, .. } => self.sent(leg, action),
                Output::Media(MediaCommand::Open { leg, .. }) => {
                    let is_opened = self.entropy.below(8) > 0;
                    if is_opened {
                        assert!(self.open.insert(leg), "a leg's sound is opened once");
                    }
                    let ports = if is_opened { Ok(ports(leg)) } else { Err(NoPorts) };
                    self.replies.push_back(Input::Opened { leg, ports });
                }
                Output::Media(MediaCommand::Close { leg }) => {
                    assert!(self.open.remove(&leg), "only what is open is closed");
                    let observed = Observed::Measured(MediaFigures::default());
                    self.owed.push(Input::Media { leg, observed });
                }
                Output::Media(MediaCommand::Bridge { first, second }) => {
                    assert!(
                        self.open.contains(&first) && self.open.contains(&second),
                        "both are open"
                    );
                }
                Output::CheckPin { .. } => {
                    let verdict = match self.entropy.below(3) {
                        0 => PinVerdict::Right,
                        1 => PinVerdict::Wrong,
                        _ => PinVerdict::Locked,
                    };
                    self.replies.push_back(Input::PinChecked(verdict));
                }
                Output::Change(_) => {
                    let result = if self.entropy.below(2) > 0 {
                        Ok(())
                    } else {
                        Err(NotChanged::Refused)
                    };
                    self.replies.push_back(Input::Changed(result));
                }
                Output::Media(MediaCommand::Play { leg, .. }) => {
                    assert!(self.open.contains(&leg), "only what is open is played to");
                    let observed = Observed::Played;
                    self.owed.push(Input::Media { leg, observed });
                }
                Output::Media(MediaCommand::Confer { legs }) => {
                    assert!(legs.iter().all(|leg| self.open.contains(leg)), "all of them are open");
                }
                Output::Media(MediaCommand::Listen { leg } | MediaCommand::Stop { leg }) => {
                    assert!(self.open.contains(&leg), "only what is open is played to");
                }
                Output::Media(
                    MediaCommand::Configure { .. } | MediaCommand::Echo { .. } | MediaCommand::Part { .. },
                ) => {}
                Output::HandOver { leg, .. } => {
                    let status = StatusCode::CALL_DOES_NOT_EXIST;
                    self.replies.push_back(Input::NotTaken { leg, status });
                }
                Output::Park { .. } => self.replies.push_back(Input::Placed(Ok(1))),
                Output::Unpark => {}
                Output::Finished => self.is_over = true,
            }
        }
    }

    fn sent(&mut self, leg: LegId, action: SipAction) {
        match action {
            SipAction::Request { token, request } => self.asked.push((leg, token, request)),
            SipAction::Respond { response, .. } => {
                let tag = response.require::<To>().ok().and_then(|to| Some(to.tag()?.to_owned()));
                if leg == CALLER
                    && let Some(tag) = tag
                    && !self.dialogs.iter().any(|(known, ..)| *known == CALLER)
                {
                    self.dialogs
                        .push((CALLER, "caller".to_owned(), tag, "phone".to_owned()));
                }
            }
            SipAction::Cancel { .. } | SipAction::Ack(_) => {}
        }
    }

    fn phone(&mut self, flow: usize) -> Phone {
        let now = self.clock.now();
        Phone {
            who: device(now, &mut self.entropy),
            contact: Uri::parse("sip:phone@192.0.2.9").expect("an address"),
            reach: reach(flow),
            path: Vec::new(),
            our_contact: contact(),
            letter: None,
        }
    }
}

fn device(now: Now, entropy: &mut Entropy) -> Who {
    Who::Device {
        extension_id: ExtensionId::new(now.utc, entropy),
        device_id: DeviceId::new(now.utc, entropy),
    }
}

fn request(method: &Method, call_id: &str, to: &str, tag: &str, cseq: u32, body: &str) -> Request {
    let head = format!(
        "{method} sip:202@wigwag.localhost SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{cseq}\r\n\
         From: <sip:201@wigwag.localhost>;tag={tag}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n\
         Max-Forwards: 70\r\nContact: <sip:phone@192.0.2.9>\r\nRefer-To: <sip:203@wigwag.localhost>\r\nContent-Type: application/sdp\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    match Message::parse(Bytes::from(head)) {
        Ok(Message::Request(request)) => request,
        other => panic!("that is a request: {other:?}"),
    }
}

fn contact() -> Contact {
    Contact::new(NameAddr::new(Uri::parse("sip:wigwag@192.0.2.1").expect("an address")))
}

/// A ring of these targets: all at once, or one after the other.
/// Where a call stands at its start.
fn start() -> Course {
    Course {
        stage: Stage::Start,
        visited: Vec::new(),
        followed: Vec::new(),
        shows_number: None,
    }
}

fn ring(course: &Course, targets: &[Target], order: u32) -> Plan {
    let every = Duration::from_secs(7);
    Plan::Ring(Ring {
        arms: arms(course, targets),
        order: match order {
            0 => Order::Together,
            kind => Order::OneByOne {
                every,
                keep_ringing: kind > 1,
            },
        },
        timeout: Duration::from_secs(30),
        course: course.clone(),
    })
}

/// Every second arm may have somebody ring instead, and rings for a shorter time.
fn arms(course: &Course, targets: &[Target]) -> Vec<Arm> {
    let arm = |(index, target): (usize, &Target)| Arm {
        target: target.clone(),
        extension: None,
        screening: false,
        timeout: (index % 2 > 0).then(|| Duration::from_secs(5)),
        course: (index % 2 > 0).then(|| course.clone()),
    };
    targets.iter().enumerate().map(arm).collect()
}

fn reach(number: usize) -> Reach {
    let (local, remote) = (
        SocketAddr::from(([192, 0, 2, 1], 5060)),
        SocketAddr::from(([192, 0, 2, 9], 5060)),
    );
    let link = match number % 4 {
        0 => Link::Datagram {
            socket: 0,
            local: local.ip(),
            remote,
        },
        number => Link::Connection(u64::try_from(number).unwrap_or_default()),
    };
    let transport = [Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Wss][number % 4].clone();
    Reach {
        flow: FlowId { node: 0, link },
        transport,
        local,
        remote: Pii::new(remote),
    }
}

fn ports(leg: LegId) -> Ports {
    let port = 20_000 + leg.0 * 2;
    Ports {
        rtp: SocketAddr::from(([192, 0, 2, 1], port)),
        rtcp: SocketAddr::from(([192, 0, 2, 1], port + 1)),
    }
}
