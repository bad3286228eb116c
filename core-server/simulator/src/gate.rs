//! What arrives at the carrier: most of it is put into the mailbox of its one task, some is answered at once.

use std::net::SocketAddr;

use parking_lot::Mutex;
use tokio::sync::mpsc;
use wigwag_sansio::{Now, Tick};
use wigwag_sip::{
    session::{ACCEPT, ALLOW, SUPPORTED},
    transaction::{Failure, FlowId, ServerKey},
    wire::{
        HeaderName, Method, Request, Response, StatusCode,
        header::{RetryAfter, To},
    },
};
use wigwag_sip_io::{Clock, Flow, Incoming, Offered, Sink, Verdict};

use crate::{
    behaviour::{self, Behaviour},
    condition::{Condition, Moment},
    door::{Door, TAG},
    mail::{MOST_MAIL, Mail, Owner},
    seen::{Outcome, SeenCall, SeenLog, called},
};

/// Room in the mailbox that is kept for calls that are known: new requests are dropped before.
const RESERVED: usize = MOST_MAIL / 2;

/// The carrier as its endpoint sees it.
#[derive(Debug)]
pub(crate) struct Gate {
    door: Mutex<Door>,
    /// How it is, and since when.
    condition: Mutex<(Condition, Tick)>,
    log: SeenLog,
    clock: Clock,
    post: mpsc::Sender<Mail>,
}

impl Gate {
    pub(crate) fn new(door: Door, log: SeenLog, clock: Clock, post: mpsc::Sender<Mail>) -> Gate {
        Gate {
            door: Mutex::new(door),
            condition: Mutex::new((Condition::default(), clock.now().tick)),
            log,
            clock,
            post,
        }
    }

    pub(crate) fn set_condition(&self, condition: Condition) {
        *self.condition.lock() = (condition, self.clock.now().tick);
    }

    fn new_request(&self, request: &Request, source: SocketAddr, moment: Moment, now: Now) -> Verdict {
        match (request.method(), moment) {
            (_, Moment::Down) => Verdict::Drop,
            (Method::Invite, Moment::Up) => self.call(request, source, now),
            (Method::Invite, Moment::Overloaded { retry_after_secs }) => {
                let mut call = SeenCall::of(request, None, source.to_string());
                call.outcome = Outcome::Refused(StatusCode::SERVICE_UNAVAILABLE.as_u16());
                self.log.note(call);
                Verdict::Reply(unavailable(request, retry_after_secs))
            }
            (_, Moment::Overloaded { retry_after_secs }) => Verdict::Reply(unavailable(request, retry_after_secs)),
            (Method::Register, Moment::Up) => match self.door.lock().admit_registration(request, now) {
                Ok(_) => Verdict::Accept,
                Err(refusal) => Verdict::Reply(refusal),
            },
            (Method::Options, Moment::Up) => Verdict::Reply(capabilities(request, StatusCode::OK)),
            (
                Method::Ack
                | Method::Bye
                | Method::Cancel
                | Method::Update
                | Method::Prack
                | Method::Refer
                | Method::Subscribe
                | Method::Notify
                | Method::Info
                | Method::Message
                | Method::Publish
                | Method::Other(_),
                Moment::Up,
            ) => Verdict::Reply(capabilities(request, StatusCode::METHOD_NOT_ALLOWED)),
        }
    }

    fn call(&self, request: &Request, source: SocketAddr, now: Now) -> Verdict {
        let account = match self.door.lock().admit_call(request, source.ip(), now) {
            Ok(account) => account,
            Err(refusal) => return Verdict::Reply(refusal),
        };
        let mut call = SeenCall::of(request, account, source.to_string());
        let verdict = match behaviour::of(&called(request)) {
            Behaviour::Silent => {
                call.outcome = Outcome::Silent;
                Verdict::Drop
            }
            Behaviour::Acts(..) => Verdict::Accept,
        };
        self.log.note(call);
        verdict
    }

    /// What does not fit is lost, as on a bad network.
    fn put(&self, mail: Mail) {
        if self.post.try_send(mail).is_err() {
            tracing::debug!("the carrier's mailbox is full or closed; a message is lost");
        }
    }
}

impl Sink<Owner> for Gate {
    fn offered(&self, offered: Offered<'_>) -> Verdict {
        let now = self.clock.now();
        let (condition, since) = *self.condition.lock();
        let moment = condition.at(since, now.tick);
        let Offered { request, flow } = offered;
        let is_within_a_call = request
            .typed::<To>()
            .is_ok_and(|to| to.is_some_and(|to| to.tag().is_some()));
        if is_within_a_call && moment != Moment::Down {
            return Verdict::Accept;
        }
        if self.post.capacity() < RESERVED {
            return Verdict::Drop;
        }
        self.new_request(request, flow.remote, moment, now)
    }

    fn request(&self, incoming: Incoming) {
        self.put(Mail::Request(Box::new(incoming)));
    }

    fn ack(&self, request: Request, _: &Flow) {
        self.put(Mail::Ack(request));
    }

    fn cancelled(&self, invite: ServerKey, cancel: Request) {
        self.put(Mail::Cancelled(invite, cancel));
    }

    fn response(&self, owner: &Owner, response: Response, _: &Flow) {
        self.put(Mail::Response(*owner, response));
    }

    fn failed(&self, owner: &Owner, failure: Failure) {
        self.put(Mail::Failed(*owner, failure));
    }

    fn flow_closed(&self, _: FlowId) {}
}

fn unavailable(request: &Request, retry_after_secs: u32) -> Response {
    let reply = Response::reply_to(request, StatusCode::SERVICE_UNAVAILABLE).to_tag(TAG);
    reply.header(&RetryAfter::new(retry_after_secs)).build()
}

fn capabilities(request: &Request, status: StatusCode) -> Response {
    Response::reply_to(request, status)
        .to_tag(TAG)
        .raw(HeaderName::Allow, format!("{ALLOW}, REGISTER"))
        .raw(HeaderName::Accept, ACCEPT)
        .raw(HeaderName::Supported, SUPPORTED)
        .build()
}
