//! The callees: phones at one socket that stay registered, and do one thing with every call.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use wigwag_sip::wire::{
    HeaderName, Message, Method, Request, Response, ResponseBuilder, StatusCode,
    header::{CallId, To},
};

use super::tally::Tally;
use crate::{
    clock,
    load::{description, prove},
    server::{Extension, Server},
};

const KIND: &str = "registrations that stay";
const EXPIRES_SECS: u32 = 120;
const REFRESH: Duration = Duration::from_secs(50);
/// Registrations begin, and are asked for again, so far apart.
const SPREAD: Duration = Duration::from_millis(20);
const AGAIN: Duration = Duration::from_secs(2);
/// An answer is repeated so often until it is acknowledged (T1).
const T1: Duration = Duration::from_millis(500);
/// Nobody asks any more for a call that began so long ago and is not answered (64·T1), or whose phone is gone.
const REMEMBERED: Duration = Duration::from_secs(64);
/// How long a datagram is waited for before timers are looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What a callee does with every call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Habit {
    Answers,
    Busy,
    Rings,
    GoneWhileRinging,
    GoneAtTheAnswer,
}

/// All callees of a habit, in a thread of their own until this is ended.
pub(super) struct Desk {
    thread: JoinHandle<Result<()>>,
    is_over: Arc<AtomicBool>,
}

struct Phones {
    socket: UdpSocket,
    server: SocketAddr,
    address: SocketAddr,
    domain: String,
    habit: Habit,
    seats: Vec<Seat>,
    /// By Call-ID.
    calls: BTreeMap<String, State>,
    tally: Tally,
}

struct Seat {
    phone: Extension,
    call_id: String,
    cseq: u32,
    due: Instant,
}

enum State {
    Ringing(Box<Request>),
    Answered {
        again: Instant,
        until: Instant,
        answer: Bytes,
    },
    Gone {
        until: Instant,
    },
}

impl Desk {
    /// Registers `phones`, and does with every call what they are used to.
    pub(super) fn start(habit: Habit, phones: Vec<Extension>, server: &Server, tally: &Tally) -> Result<Desk> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(LOOK))?;
        let address = socket.local_addr()?;
        let mut due = clock::now();
        let seats = phones.into_iter().zip(0..).map(|(phone, number)| {
            due += SPREAD;
            Seat {
                phone,
                call_id: format!("stays-{number}-{address}"),
                cseq: 0,
                due,
            }
        });
        let mut phones = Phones {
            socket,
            server: server.address(),
            address,
            domain: server.domain().to_owned(),
            habit,
            seats: seats.collect(),
            calls: BTreeMap::new(),
            tally: tally.clone(),
        };
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = is_over.clone();
        let thread = std::thread::spawn(move || {
            while !ends.load(Ordering::Relaxed) {
                phones.step()?;
            }
            Ok(())
        });
        Ok(Desk { thread, is_over })
    }

    /// They say nothing more; their registrations end by themselves.
    pub(super) fn end(self) -> Result<()> {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow::anyhow!("a desk has panicked"))?
    }
}

impl Phones {
    fn step(&mut self) -> Result<()> {
        let mut datagram = vec![0; 65_536];
        if let Ok(length) = self.socket.recv(&mut datagram) {
            datagram.truncate(length);
            match Message::parse(Bytes::from(datagram)) {
                Ok(Message::Request(request)) => self.asked(&request)?,
                Ok(Message::Response(response)) => self.told(&response)?,
                // A keep-alive.
                Err(_) => {}
            }
        }
        let now = clock::now();
        for seat in 0..self.seats.len() {
            if self.seats[seat].due <= now {
                self.register(seat, "")?;
            }
        }
        let mut repeated = Vec::new();
        self.calls.retain(|_, state| match state {
            State::Ringing(_) => true,
            State::Gone { until } => *until > now,
            State::Answered { again, until, answer } => {
                if *again <= now {
                    *again = now + T1;
                    repeated.push(answer.clone());
                }
                *until > now
            }
        });
        for answer in repeated {
            self.socket.send_to(&answer, self.server)?;
        }
        Ok(())
    }

    fn asked(&mut self, request: &Request) -> Result<()> {
        let call_id = request.require::<CallId>()?.to_string();
        let is_known = request.require::<To>()?.tag().is_some();
        match (self.calls.get(&call_id), request.method()) {
            (Some(State::Gone { .. }), _) => Ok(()),
            (Some(State::Ringing(invite)), Method::Cancel) => {
                let given_up = reply(invite, StatusCode::REQUEST_TERMINATED).build();
                self.send(&reply(request, StatusCode::OK).build())?;
                self.send(&given_up)?;
                self.calls.remove(&call_id);
                Ok(())
            }
            (Some(_), Method::Ack) => {
                self.calls.remove(&call_id);
                Ok(())
            }
            (Some(_), Method::Invite) | (None, Method::Ack) => Ok(()),
            (None, Method::Invite) if !is_known => self.called(request, call_id),
            (None, Method::Invite) => self.take(request).map(drop),
            (_, _) => self.send(&reply(request, StatusCode::OK).build()),
        }
    }

    fn called(&mut self, invite: &Request, call_id: String) -> Result<()> {
        let until = clock::now() + REMEMBERED;
        if self.habit == Habit::Busy {
            return self.send(&reply(invite, StatusCode::BUSY_HERE).build());
        }
        let contact = format!("<sip:{}>", self.address);
        let ringing = reply(invite, StatusCode::RINGING).raw(HeaderName::Contact, &contact);
        self.send(&ringing.build())?;
        let state = match self.habit {
            Habit::Answers | Habit::Busy => {
                let answer = self.take(invite)?;
                let again = clock::now() + T1;
                State::Answered { again, until, answer }
            }
            Habit::Rings => State::Ringing(Box::new(invite.clone())),
            Habit::GoneWhileRinging => State::Gone { until },
            Habit::GoneAtTheAnswer => {
                self.take(invite)?;
                State::Gone { until }
            }
        };
        self.calls.insert(call_id, state);
        Ok(())
    }

    fn take(&self, invite: &Request) -> Result<Bytes> {
        let contact = format!("<sip:{}>", self.address);
        let taken = reply(invite, StatusCode::OK)
            .raw(HeaderName::Contact, &contact)
            .body(
                "application/sdp",
                description(SocketAddr::new(self.address.ip(), 40_002)),
            )
            .build();
        self.send(&taken)?;
        Ok(Bytes::copy_from_slice(taken.bytes()))
    }

    fn told(&mut self, response: &Response) -> Result<()> {
        let call_id = response.require::<CallId>()?.to_string();
        let found = self.seats.iter().position(|seat| seat.call_id == call_id);
        let seat = found.context("somebody else's response")?;
        match response.status().as_u16() {
            100..200 => Ok(()),
            401 => {
                let Extension { username, password, .. } = &self.seats[seat].phone;
                let proof = prove(response, &Method::Register, &self.registrar(), username, password)?;
                self.register(seat, &proof)
            }
            200 => {
                self.tally.add(KIND, &Ok(()));
                self.seats[seat].due = clock::now() + REFRESH;
                Ok(())
            }
            status => {
                self.tally.add(KIND, &refused(status));
                Ok(())
            }
        }
    }

    fn register(&mut self, seat: usize, proof: &str) -> Result<()> {
        let (uri, domain, address) = (self.registrar(), self.domain.as_str(), self.address);
        let Seat {
            phone,
            call_id,
            cseq,
            due,
        } = &mut self.seats[seat];
        *cseq += 1;
        *due = clock::now() + AGAIN;
        let username = &phone.username;
        let message = format!(
            "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {address};branch=z9hG4bK{cseq}-{call_id};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{username}@{domain}>;tag=s\r\nTo: <sip:{username}@{domain}>\r\n\
             Call-ID: {call_id}\r\nCSeq: {cseq} REGISTER\r\nContact: <sip:{username}@{address}>\r\n{proof}\
             Expires: {EXPIRES_SECS}\r\nContent-Length: 0\r\n\r\n"
        );
        self.socket.send_to(message.as_bytes(), self.server)?;
        Ok(())
    }

    fn registrar(&self) -> String {
        format!("sip:{}", self.domain)
    }

    fn send(&self, response: &Response) -> Result<()> {
        self.socket.send_to(response.bytes(), self.server)?;
        Ok(())
    }
}

fn refused(status: u16) -> Result<()> {
    bail!("refused with {status}")
}

/// A response; one tag does for all calls, which differ by their Call-ID.
fn reply(request: &Request, status: StatusCode) -> ResponseBuilder {
    Response::reply_to(request, status).to_tag("desk")
}
