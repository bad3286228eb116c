//! An incoming call that we have not answered (RFC 3261 §13.3.1).
//!
//! | what        | Progress     | Accept          | Reject, End     | CANCEL             | BYE                     | a minute passes |
//! |-------------|--------------|-----------------|-----------------|--------------------|-------------------------|-----------------|
//! | Proceeding  | 1xx          | 200 → answered  | final, end      | 487, end           | 200, and 487, end       | 1xx again       |

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{
    Command, Ended, EndedBy, Event, Extra, Input, Reply, Sdp, capability,
    dialog::{Dialog, Order},
    established::Established,
    machine::State,
    manners,
    read::Read,
    shared::Shared,
    timer::SessionTimer,
    unacked::{Answers, Expects, Unacked},
};
use crate::{
    transaction::ServerKey,
    wire::{
        HeaderName, Method, Request, Response, StatusCode,
        header::{CallId, Replaces},
    },
};

/// How often a caller hears that we still think (RFC 3261 §13.3.1.1).
const REMINDER: Duration = Duration::from_secs(60);

/// What an INVITE asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The caller's offer; without it our `Accept` makes one.
    pub sdp: Option<Sdp>,
    /// The dialog whose place this call shall take (RFC 3891): to be found, checked and ended by the owner.
    pub replaces: Option<Replaces>,
}

/// An incoming call that we have not answered.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Invited {
    key: ServerKey,
    invite: Request,
    cseq: u32,
    dialog: Dialog,
    timer: SessionTimer,
    offer: Option<Sdp>,
    reminder: Option<Reminder>,
}

/// The last provisional answer.
#[derive(Debug, Serialize, Deserialize)]
struct Reminder {
    response: Response,
    due: Tick,
}

impl Invited {
    pub(super) fn take(key: ServerKey, invite: Request, shared: &mut Shared) -> Result<(Self, Invitation), Response> {
        let refuse = |status| shared.reply(&invite, status).build();
        let Some(dialog) = Dialog::from_request(&invite, &shared.local_tag) else {
            return Err(refuse(StatusCode::BAD_REQUEST));
        };
        let Ok(replaces) = invite.typed::<Replaces>() else {
            return Err(refuse(StatusCode::BAD_REQUEST));
        };
        capability::screen(&invite).map_err(|refusal| refusal.response(&invite, shared))?;
        let timer = SessionTimer::new(shared.settings.timer);
        timer.judge(&invite).map_err(|small| small.response(&invite, shared))?;
        let offer = invite.sdp();
        let invitation = Invitation {
            sdp: offer.clone(),
            replaces,
        };
        let invited = Invited {
            key,
            cseq: dialog.remote_cseq(),
            invite,
            dialog,
            timer,
            offer,
            reminder: None,
        };
        Ok((invited, invitation))
    }

    pub(super) fn dialog(&self) -> &Dialog {
        &self.dialog
    }

    pub(super) fn call_id(&self) -> &CallId {
        self.dialog.call_id()
    }

    pub(super) fn handle(self: Box<Self>, input: Input, shared: &mut Shared, now: Now) -> State {
        match input {
            Input::Command(command) => return self.obey(command, shared, now),
            Input::Cancel { key, request } if key == self.key => {
                shared.answer(self.key, &self.invite, StatusCode::REQUEST_TERMINATED);
                let ended = Ended::new(EndedBy::Remote).with_status(StatusCode::REQUEST_TERMINATED);
                shared.ended(ended.with_reasons(request.reasons()));
                return State::Over;
            }
            Input::Request { key, request } => return self.take_request(key, &request, shared),
            Input::Cancel { .. } | Input::Ack(_) | Input::Response { .. } | Input::Failed { .. } => {}
        }
        State::Invited(self)
    }

    pub(super) fn handle_timeout(mut self: Box<Self>, shared: &mut Shared, now: Now) -> State {
        if let Some(reminder) = self.reminder.as_mut().filter(|reminder| reminder.due <= now.tick) {
            shared.respond(self.key, reminder.response.clone());
            reminder.due = now.tick + REMINDER;
        }
        State::Invited(self)
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        self.reminder.as_ref().map(|reminder| reminder.due)
    }

    fn obey(mut self: Box<Self>, command: Command, shared: &mut Shared, now: Now) -> State {
        match command {
            Command::Progress { status, sdp, headers } => self.progress(status, sdp, &free(headers), shared, now),
            Command::Accept { sdp, headers } => return self.accept(sdp, free(headers), shared, now),
            Command::Reject { status, headers } if status.is_final() && !status.is_success() => {
                let ended = Ended::new(EndedBy::Local).with_status(status);
                return self.reject(ended, status, &headers, shared);
            }
            Command::End { status, reasons } => {
                let status = status.filter(|status| status.is_final() && !status.is_success());
                let status = status.unwrap_or(StatusCode::TEMPORARILY_UNAVAILABLE);
                let headers: Vec<Extra> = reasons.iter().map(Extra::reason).collect();
                let ended = Ended::new(EndedBy::Local).with_status(status).with_reasons(reasons);
                return self.reject(ended, status, &headers, shared);
            }
            Command::Send { tag, .. } => shared.event(Event::Replied {
                tag,
                reply: Reply::Unsent,
            }),
            Command::Offer { .. } => shared.event(Event::OfferRefused {
                status: StatusCode::REQUEST_PENDING,
            }),
            Command::Reject { .. }
            | Command::AnswerOffer { .. }
            | Command::RefuseOffer { .. }
            | Command::Respond { .. } => {}
        }
        State::Invited(self)
    }

    fn progress(&mut self, status: StatusCode, sdp: Option<Sdp>, headers: &[Extra], shared: &mut Shared, now: Now) {
        if !status.is_provisional() || status == StatusCode::TRYING {
            return;
        }
        let reply = shared.reply(&self.invite, status).record_route();
        let reply = manners::with_capabilities(reply, shared);
        let reply = manners::with_extras(reply, headers);
        let response = manners::with_sdp(reply, sdp.filter(|_| self.offer.is_some())).build();
        shared.respond(self.key, response.clone());
        self.reminder = Some(Reminder {
            response,
            due: now.tick + REMINDER,
        });
    }

    fn accept(mut self: Box<Self>, sdp: Sdp, mut headers: Vec<Extra>, shared: &mut Shared, now: Now) -> State {
        headers.extend(self.timer.grant(&self.invite, now));
        let response = manners::accept_invite(&self.invite, &headers, sdp.clone(), shared);
        let expects = match self.offer {
            Some(_) => Expects::Nothing,
            None => Expects::AnswerTo(sdp.clone()),
        };
        let about = (self.cseq, Answers::Initial, expects);
        let unacked = Unacked::send(self.key, response, about, shared, now);
        Established::answered(self.dialog, self.timer, &self.invite, unacked, (sdp, self.offer))
    }

    fn reject(self: Box<Self>, ended: Ended, status: StatusCode, headers: &[Extra], shared: &mut Shared) -> State {
        let reply = shared.reply(&self.invite, status);
        let reply = headers
            .iter()
            .filter(|extra| extra.is_free() || extra.name == HeaderName::Contact)
            .fold(reply, |reply, extra| reply.raw(extra.name.clone(), &extra.value));
        shared.respond(self.key, reply.build());
        shared.ended(ended);
        State::Over
    }

    /// A request of the caller before we have answered finally.
    fn take_request(mut self: Box<Self>, key: ServerKey, request: &Request, shared: &mut Shared) -> State {
        if !self.dialog.is_of(request) {
            shared.answer(key, request, StatusCode::CALL_DOES_NOT_EXIST);
            return State::Invited(self);
        }
        if self.dialog.order(request) == Order::Late {
            shared.answer(key, request, StatusCode::SERVER_INTERNAL_ERROR);
            return State::Invited(self);
        }
        if let Err(refusal) = capability::screen(request) {
            refusal.answer(key, request, shared);
            return State::Invited(self);
        }
        match request.method() {
            Method::Bye => {
                shared.answer(key, request, StatusCode::OK);
                shared.answer(self.key, &self.invite, StatusCode::REQUEST_TERMINATED);
                let ended = Ended::new(EndedBy::Remote).with_status(StatusCode::REQUEST_TERMINATED);
                shared.ended(ended.with_reasons(request.reasons()));
                return State::Over;
            }
            Method::Update if request.sdp().is_none() => {
                self.dialog.refresh_target(request);
                manners::accept_update((key, request), &[], None, shared);
            }
            Method::Update | Method::Invite => shared.answer_later(key, request),
            Method::Refer | Method::Subscribe | Method::Notify => {
                shared.answer(key, request, StatusCode::CALL_DOES_NOT_EXIST);
            }
            Method::Options
            | Method::Info
            | Method::Ack
            | Method::Cancel
            | Method::Register
            | Method::Prack
            | Method::Message
            | Method::Publish
            | Method::Other(_) => manners::answer(key, request, shared),
        }
        State::Invited(self)
    }
}

fn free(mut headers: Vec<Extra>) -> Vec<Extra> {
    headers.retain(Extra::is_free);
    headers
}
