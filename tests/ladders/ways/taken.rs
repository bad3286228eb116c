//! The way that a real call takes: the machine itself, and phones that are no more than their fates.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use wigwag_model::{CallDirection, CallEvent, DeviceId, GatewayId, HangupCause, LegId, MediaFigures, Party};
use wigwag_pbx::{
    TenantSnapshot,
    call::{CALLER, Call, Input, MediaCommand, Observed, Origin, Output, Phone, Ports, Question, SipAction, Who},
    routing::{self, Attempt, Caller, Plan, Target},
};
use wigwag_sansio::{Entropy, Machine, Now, Pii, Tick, Utc};
use wigwag_sip::{
    session::{self, Extra, RequestToken, Sdp, Session, Settings, TimerPolicy},
    transaction::ServerKey,
    wire::{
        HeaderName, Method, Request, Response, Scheme, SipUri, StatusCode, Uri,
        header::{CSeq, CallId, Contact, From, MaxForwards, NameAddr, To},
    },
};

use super::{
    End, Stage, Way,
    fate::{Fate, Fates, key, unreachable},
};
use crate::world::{Voice, Wire};

/// Things that a call of this test may do at most: more is a loop.
const STEPS: usize = 2_000;
const PHONE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)), 5060);
const BEGINNING: Tick = Tick::from_micros(1_000_000_000);

/// What `attempt` at `at` comes to.
pub(super) fn way(snapshot: &TenantSnapshot, attempt: &Attempt, at: Utc, fates: &Fates) -> Way {
    let decision = routing::plan(snapshot, attempt, at);
    let is_treated = matches!(decision.plan, Plan::Treat(_));
    let now = Now {
        tick: BEGINNING,
        utc: at,
    };
    let mut run = Run {
        snapshot,
        fates,
        at,
        tick: BEGINNING,
        events: BTreeMap::new(),
        sequence: 0,
        reached: Vec::new(),
        legs: BTreeMap::new(),
        way: Way::default(),
        is_over: false,
    };
    if let Plan::Ring(_) = decision.plan {
        run.way.stages.push(stage(Duration::ZERO));
    }
    let mut call = Call::new(origin(attempt, decision), now);
    run.carry_out(&mut call);
    if is_treated {
        run.way.end = Some(End::Treated);
    }
    run.run_out(&mut call);
    run.way
}

/// One run of a call.
struct Run<'a> {
    snapshot: &'a TenantSnapshot,
    fates: &'a Fates,
    at: Utc,
    tick: Tick,
    /// What phones are going to do.
    events: BTreeMap<(Tick, u32), (LegId, Doing)>,
    sequence: u32,
    /// Whom arms have rung, by the user part of the contacts of their phones.
    reached: Vec<Target>,
    /// The INVITE of each leg, and who it is.
    legs: BTreeMap<LegId, (Request, String)>,
    way: Way,
    is_over: bool,
}

/// What a phone does.
enum Doing {
    Answers(RequestToken, Response),
    Presses(char),
}

impl Run<'_> {
    fn run_out(&mut self, call: &mut Call) {
        for _ in 0..STEPS {
            if self.is_over {
                return;
            }
            if self.way.end.is_some() {
                call.handle(Input::HangUp(HangupCause::NormalClearing), self.now());
                self.carry_out(call);
            }
            let due = call.deadline();
            match self.events.first_key_value().map(|((at, _), _)| *at) {
                Some(at) if due.is_none_or(|due| at <= due) => {
                    let (_, (leg, doing)) = self.events.pop_first().unwrap();
                    self.tick = at;
                    call.handle(input(leg, doing), self.now());
                }
                Some(_) | None => {
                    let Some(due) = due else {
                        assert!(self.is_over, "a call waits for nothing: {:#?}", self.way);
                        return;
                    };
                    self.tick = due.max(self.tick);
                    call.handle_timeout(self.now());
                }
            }
            self.carry_out(call);
        }
        panic!("the call does not end: {:#?}", self.way);
    }

    fn carry_out(&mut self, call: &mut Call) {
        let mut outputs: VecDeque<Output> = std::iter::from_fn(|| call.poll()).collect();
        while let Some(output) = outputs.pop_front() {
            if let Some(input) = self.act(output) {
                call.handle(input, self.now());
                outputs.extend(std::iter::from_fn(|| call.poll()));
            }
        }
    }

    fn act(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Journal { event, .. } => {
                self.hear(&event);
                None
            }
            Output::Reach { arm, target } => {
                let phones = self.reach(&target);
                Some(Input::Reached { arm, phones })
            }
            Output::Decide(question) => {
                let (answer, _) = question.answer(self.snapshot, self.now().utc);
                if let Question::After { cause, .. } = &question {
                    self.nobody(*cause, &answer);
                }
                Some(Input::Decided(answer))
            }
            Output::Sip { leg, action, .. } => self.send(leg, action),
            Output::Media(MediaCommand::Open { leg, .. }) => {
                let port = 20_000 + 2 * leg.0;
                let ports = Ports {
                    rtp: SocketAddr::from(([192, 0, 2, 1], port)),
                    rtcp: SocketAddr::from(([192, 0, 2, 1], port + 1)),
                };
                Some(Input::Opened { leg, ports: Ok(ports) })
            }
            Output::Media(MediaCommand::Close { leg }) => {
                let observed = Observed::Measured(MediaFigures::default());
                Some(Input::Media { leg, observed })
            }
            Output::Finished => {
                self.is_over = true;
                None
            }
            // Nothing else leads anywhere.
            Output::Note(_)
            | Output::CheckPin { .. }
            | Output::Change(_)
            | Output::HandOver { .. }
            | Output::Park { .. }
            | Output::Unpark
            | Output::Media(_) => None,
        }
    }

    fn hear(&mut self, event: &CallEvent) {
        if self.way.end.is_some() {
            return;
        }
        if let CallEvent::Ended { cause } = event {
            self.way.end = Some(End::Refused(*cause));
        }
        if let CallEvent::LegAnswered { leg } = event
            && *leg != CALLER
        {
            self.way.end = Some(End::Answered(self.elapsed(), self.legs[leg].1.clone()));
        }
    }

    fn nobody(&mut self, cause: HangupCause, answer: &wigwag_pbx::call::Answer) {
        let elapsed = self.elapsed();
        if let Some(stage) = self.way.stages.last_mut() {
            stage.ends = Some((elapsed, cause));
        }
        if let wigwag_pbx::call::Answer::Follows(decision) = answer
            && let Plan::Ring(_) = decision.plan
        {
            self.way.stages.push(stage(elapsed));
        }
    }

    fn reach(&mut self, target: &Target) -> Result<Vec<Phone>, HangupCause> {
        let elapsed = self.elapsed();
        let rings = &mut self.way.stages.last_mut().expect("a stage rings").rings;
        rings.push((elapsed, key(target)));
        if self.fates.of(target) == Fate::Unreachable {
            return Err(unreachable(target));
        }
        let user = self.reached.len().to_string();
        self.reached.push(target.clone());
        let contact = SipUri::new(Scheme::Sip, wigwag_sip::wire::Host::parse("192.0.2.9").unwrap()).with_user(&user);
        Ok(vec![Phone {
            who: who(target),
            contact: Uri::from(contact),
            reach: Wire::udp(PHONE).reach(),
            path: Vec::new(),
            our_contact: our_contact(),
            letter: None,
        }])
    }

    fn send(&mut self, leg: LegId, action: SipAction) -> Option<Input> {
        match action {
            SipAction::Request { token, request } if *request.method() == Method::Invite => {
                let place: usize = request.uri().unwrap().user().unwrap().parse().unwrap();
                let target = self.reached[place].clone();
                self.legs.insert(leg, (request.clone(), key(&target)));
                self.ring(leg, token, &request, &target)
            }
            SipAction::Request { token, request } => {
                self.events.retain(|_, (of, _)| *of != leg);
                let response = Response::reply_to(&request, StatusCode::OK).build();
                let input = session::Input::Response { token, response };
                Some(Input::Sip { leg, input })
            }
            SipAction::Cancel { token, .. } => {
                self.events.retain(|_, (of, _)| *of != leg);
                let (request, _) = &self.legs[&leg];
                let response = Response::reply_to(request, StatusCode::REQUEST_TERMINATED).to_tag("phone");
                let response = response.build();
                let input = session::Input::Response { token, response };
                Some(Input::Sip { leg, input })
            }
            SipAction::Ack(_) | SipAction::Respond { .. } => None,
        }
    }

    /// The phone rings at once, and does later what is its fate.
    fn ring(&mut self, leg: LegId, token: RequestToken, request: &Request, target: &Target) -> Option<Input> {
        let (status, later) = match self.fates.of(target) {
            Fate::Unreachable | Fate::Unanswered => (None, Duration::ZERO),
            Fate::Busy(later) => (Some(StatusCode::BUSY_HERE), later),
            Fate::Declined(later) => (Some(StatusCode::DECLINE), later),
            Fate::Answered { later, accepts } => {
                // Whoever is not asked presses a key in the middle of the call, which does nothing.
                if let Some(decided) = accepts {
                    self.will(later + decided, leg, Doing::Presses('1'));
                }
                (Some(StatusCode::OK), later)
            }
        };
        if let Some(status) = status {
            self.will(later, leg, Doing::Answers(token, reply(request, status)));
        }
        let response = reply(request, StatusCode::RINGING);
        let input = session::Input::Response { token, response };
        Some(Input::Sip { leg, input })
    }

    fn will(&mut self, later: Duration, leg: LegId, doing: Doing) {
        self.sequence += 1;
        self.events.insert((self.tick + later, self.sequence), (leg, doing));
    }

    fn elapsed(&self) -> Duration {
        self.tick.since(BEGINNING)
    }

    fn now(&self) -> Now {
        Now {
            tick: self.tick,
            utc: self.at + self.elapsed(),
        }
    }
}

fn input(leg: LegId, doing: Doing) -> Input {
    match doing {
        Doing::Answers(token, response) => {
            let input = session::Input::Response { token, response };
            Input::Sip { leg, input }
        }
        Doing::Presses(key) => {
            let observed = Observed::Pressed(key);
            Input::Media { leg, observed }
        }
    }
}

fn stage(begins: Duration) -> Stage {
    Stage {
        begins,
        rings: Vec::new(),
        ends: None,
    }
}

fn reply(request: &Request, status: StatusCode) -> Response {
    let reply = Response::reply_to(request, status)
        .to_tag("phone")
        .header(&our_contact());
    if status != StatusCode::OK {
        return reply.build();
    }
    let offer = Sdp(request.body());
    let answer = Voice::new(PHONE)
        .answer(&offer)
        .expect("the phone takes what is offered");
    reply.body("application/sdp", answer.0).build()
}

fn our_contact() -> Contact {
    let host = wigwag_sip::wire::Host::parse("192.0.2.1").unwrap();
    Contact::new(NameAddr::new(SipUri::new(Scheme::Sip, host).with_user("wigwag")))
}

fn who(target: &Target) -> Who {
    let (at, mut entropy) = (Utc::from_millis(0), Entropy::from_number(1));
    match target {
        Target::Extension(extension_id) => Who::Device {
            extension_id: *extension_id,
            device_id: DeviceId::new(at, &mut entropy),
        },
        Target::Outside(_) => Who::Gateway(GatewayId::new(at, &mut entropy)),
    }
}

/// The INVITE of whoever attempts the call.
fn origin(attempt: &Attempt, decision: routing::Decision) -> Origin {
    let mut entropy = Entropy::from_number(3);
    let us = || NameAddr::new(Uri::parse("sip:caller@pbx.example").unwrap());
    let invite = Request::builder(Method::Invite, "sip:somebody@pbx.example")
        .header(&MaxForwards::new(70))
        .header(&From::new(us().with_tag("caller")))
        .header(&To::new(us()))
        .header(&CallId::new("call").unwrap())
        .header(&CSeq::new(1, Method::Invite))
        .header(&Contact::new(us()))
        .raw(HeaderName::Via, "SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKcaller")
        .body("application/sdp", Voice::new(PHONE).offer().0)
        .build();
    let settings = Settings {
        contact: our_contact(),
        headers: Vec::<Extra>::new(),
        timer: TimerPolicy::default(),
        credentials: None,
    };
    let (session, invitation) =
        Session::incoming(ServerKey::new(0, 1), invite, settings, entropy.fork()).expect("an INVITE");
    let who = match attempt.caller {
        Caller::Extension(extension_id) => Who::Device {
            extension_id,
            device_id: DeviceId::new(Utc::from_millis(0), &mut entropy),
        },
        Caller::Outside(_) => Who::Gateway(GatewayId::new(Utc::from_millis(0), &mut entropy)),
    };
    Origin {
        session,
        invitation,
        reach: Wire::udp(PHONE).reach(),
        who,
        caller: Party {
            name: None,
            number: Pii::new("caller".to_owned()),
            extension: None,
        },
        attempt: attempt.clone(),
        dialled: Pii::new("somebody".into()),
        direction: CallDirection::Internal,
        decision,
        domain: "pbx.example".into(),
        max_forwards: 69,
        headers: Vec::new(),
        entropy,
    }
}
