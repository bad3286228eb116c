//! An incoming call that we have not answered (RFC 3261 §13.3.1).
//!
//! | what        | Progress     | Accept          | Reject, End     | CANCEL             | BYE                     | a minute passes |
//! |-------------|--------------|-----------------|-----------------|--------------------|-------------------------|-----------------|
//! | Proceeding  | 1xx          | 200 → answered  | final, end      | 487, end           | 200, and 487, end       | 1xx again       |
//!
//! A caller who insists on 100rel gets [reliable](super::reliable) 1xx; PRACK and UPDATE are taken in `early_offers`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{
    Breakdown, Command, Ended, EndedBy, Event, Extra, Input, Reply, Sdp,
    agreement::Agreement,
    capability,
    dialog::{Dialog, Order},
    early_offers::EarlyOffer,
    established::Established,
    machine::State,
    manners,
    read::Read,
    reliable::{Provisional, Reliable, Said},
    shared::Shared,
    timer::SessionTimer,
    unacked::{Answers, Expects, Patience, Unacked},
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
    pub(super) key: ServerKey,
    pub(super) invite: Request,
    cseq: u32,
    pub(super) dialog: Dialog,
    timer: SessionTimer,
    pub(super) offer: Option<Sdp>,
    reminder: Option<Reminder>,
    pub(super) reliable: Option<Reliable>,
    /// A proposal of the caller that the owner has not answered.
    pub(super) proposal: Option<EarlyOffer>,
    /// The owner's answer, which waits until the caller has confirmed what describes the session.
    accepted: Option<Acceptance>,
}

/// The last provisional answer.
#[derive(Debug, Serialize, Deserialize)]
struct Reminder {
    provisional: Provisional,
    due: Tick,
}

#[derive(Debug, Serialize, Deserialize)]
struct Acceptance {
    sdp: Sdp,
    headers: Vec<Extra>,
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
            reliable: Reliable::required_by(&invite, shared),
            invite,
            dialog,
            timer,
            offer,
            reminder: None,
            proposal: None,
            accepted: None,
        };
        Ok((invited, invitation))
    }

    pub(super) fn dialog(&self) -> &Dialog {
        &self.dialog
    }

    pub(super) fn call_id(&self) -> &CallId {
        self.dialog.call_id()
    }

    /// Whether a description has been given that stands, whatever [`Command::Accept`] says.
    pub(super) fn has_described(&self) -> bool {
        self.reliable.as_ref().is_some_and(Reliable::has_described)
    }

    pub(super) fn handle(mut self: Box<Self>, input: Input, shared: &mut Shared, now: Now) -> State {
        match input {
            Input::Command(command) => return self.obey(command, shared, now),
            Input::Cancel { key, request } if key == self.key => {
                self.drop_proposal(shared);
                shared.answer(self.key, &self.invite, StatusCode::REQUEST_TERMINATED);
                let ended = Ended::new(EndedBy::Remote).with_status(StatusCode::REQUEST_TERMINATED);
                shared.ended(ended.with_reasons(request.reasons()));
                return State::Over;
            }
            Input::Request { key, request } => return self.take_request(key, request, shared, now),
            Input::Cancel { .. } | Input::Ack(_) | Input::Response { .. } | Input::Failed { .. } => {}
        }
        State::Invited(self)
    }

    pub(super) fn handle_timeout(mut self: Box<Self>, shared: &mut Shared, now: Now) -> State {
        self.proposal_times_out(shared, now);
        if let Some(reliable) = &mut self.reliable
            && reliable.handle_timeout(self.key, shared, now) == Patience::Lost
        {
            let status = StatusCode::SERVER_TIMEOUT;
            let ended = Ended::new(EndedBy::Failure(Breakdown::Unacknowledged)).with_status(status);
            return self.reject(ended, status, &[], shared);
        }
        if let Some(reminder) = self.reminder.take_if(|reminder| reminder.due <= now.tick) {
            self.tell(reminder.provisional, shared, now);
        }
        State::Invited(self)
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        let reminder = self.reminder.as_ref().map(|reminder| reminder.due);
        let reliable = self.reliable.as_ref().and_then(Reliable::deadline);
        let proposal = self.proposal.as_ref().map(EarlyOffer::deadline);
        reminder.into_iter().chain(reliable).chain(proposal).min()
    }

    fn obey(mut self: Box<Self>, command: Command, shared: &mut Shared, now: Now) -> State {
        match command {
            Command::Progress { status, sdp, headers } => {
                let headers = free(headers);
                self.progress(Provisional { status, sdp, headers }, shared, now);
            }
            Command::Accept { sdp, headers } => {
                let headers = free(headers);
                self.accepted.get_or_insert(Acceptance { sdp, headers });
                return self.proceed(shared, now);
            }
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
            Command::AnswerOffer { sdp } => self.answer_offer(sdp, shared),
            Command::RefuseOffer { status } => self.refuse_offer(status, shared),
            Command::Reject { .. }
            | Command::Respond { .. }
            | Command::AcceptReferral { .. }
            | Command::RefuseReferral { .. }
            | Command::TellReferral { .. } => {}
        }
        State::Invited(self)
    }

    fn progress(&mut self, provisional: Provisional, shared: &mut Shared, now: Now) {
        let is_provisional = provisional.status.is_provisional() && provisional.status != StatusCode::TRYING;
        if is_provisional && self.accepted.is_none() {
            self.tell(provisional, shared, now);
        }
    }

    fn tell(&mut self, mut provisional: Provisional, shared: &mut Shared, now: Now) {
        self.reminder = Some(Reminder {
            provisional: provisional.clone(),
            due: now.tick + REMINDER,
        });
        if let Some(reliable) = &mut self.reliable {
            return reliable.send(provisional, (self.key, &self.invite), shared, now);
        }
        let reply = shared.reply(&self.invite, provisional.status).record_route();
        let reply = manners::with_capabilities(reply, shared);
        let reply = manners::with_extras(reply, &provisional.headers);
        let preview = provisional.sdp.take().filter(|_| self.offer.is_some());
        shared.respond(self.key, manners::with_sdp(reply, preview).build());
    }

    /// Answers as soon as nothing is in the way of the owner's answer.
    pub(super) fn proceed(mut self: Box<Self>, shared: &mut Shared, now: Now) -> State {
        if self.reliable.as_ref().is_some_and(Reliable::holds_back) {
            return State::Invited(self);
        }
        match self.accepted.take() {
            Some(acceptance) => self.accept(acceptance, shared, now),
            None => State::Invited(self),
        }
    }

    fn accept(mut self: Box<Self>, acceptance: Acceptance, shared: &mut Shared, now: Now) -> State {
        self.drop_proposal(shared);
        let Acceptance { sdp, mut headers } = acceptance;
        headers.extend(self.timer.grant(&self.invite, now));
        let (said, unconfirmed) = self.reliable.take().map_or_else(Default::default, Reliable::finish);
        let (agreed, expects, sdp) = self.conclude(said, sdp);
        let response = manners::accept_invite(&self.invite, &headers, sdp, shared);
        let about = (self.cseq, Answers::Initial, expects);
        let unacked = Unacked::send(self.key, response, about, shared, now);
        Established::answered(self.dialog, self.timer, &self.invite, unacked, (agreed, unconfirmed))
    }

    /// What the 2xx completes, what it waits for, and what it carries.
    fn conclude(&self, said: Said, sdp: Sdp) -> (Option<Agreement>, Expects, Option<Sdp>) {
        match (said, &self.offer) {
            (Said::All(agreed), _) => (Some(agreed), Expects::Nothing, None),
            (Said::Nothing | Said::Answer(_) | Said::Offer(_), Some(offer)) => {
                let agreed = Agreement::by_us(sdp.clone(), offer.clone());
                (Some(agreed), Expects::Nothing, Some(sdp))
            }
            (Said::Nothing | Said::Answer(_) | Said::Offer(_), None) => {
                (None, Expects::AnswerTo(sdp.clone()), Some(sdp))
            }
        }
    }

    pub(super) fn reject(
        mut self: Box<Self>,
        ended: Ended,
        status: StatusCode,
        headers: &[Extra],
        shared: &mut Shared,
    ) -> State {
        self.drop_proposal(shared);
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
    fn take_request(mut self: Box<Self>, key: ServerKey, request: Request, shared: &mut Shared, now: Now) -> State {
        if !self.dialog.is_of(&request) {
            shared.answer(key, &request, StatusCode::CALL_DOES_NOT_EXIST);
            return State::Invited(self);
        }
        if self.dialog.order(&request) == Order::Late {
            shared.answer(key, &request, StatusCode::SERVER_INTERNAL_ERROR);
            return State::Invited(self);
        }
        if let Err(refusal) = capability::screen(&request) {
            refusal.answer(key, &request, shared);
            return State::Invited(self);
        }
        match request.method() {
            Method::Bye => {
                shared.answer(key, &request, StatusCode::OK);
                self.drop_proposal(shared);
                shared.answer(self.key, &self.invite, StatusCode::REQUEST_TERMINATED);
                let ended = Ended::new(EndedBy::Remote).with_status(StatusCode::REQUEST_TERMINATED);
                shared.ended(ended.with_reasons(request.reasons()));
                return State::Over;
            }
            Method::Update if request.sdp().is_none() => {
                self.dialog.refresh_target(&request);
                manners::accept_update((key, &request), &[], None, shared);
            }
            Method::Update => self.take_update(key, request, shared, now),
            Method::Prack => return self.take_prack(key, request, shared, now),
            Method::Invite => shared.answer_later(key, &request),
            Method::Refer | Method::Subscribe | Method::Notify => {
                shared.answer(key, &request, StatusCode::CALL_DOES_NOT_EXIST);
            }
            Method::Options
            | Method::Info
            | Method::Ack
            | Method::Cancel
            | Method::Register
            | Method::Message
            | Method::Publish
            | Method::Other(_) => manners::answer(key, &request, shared),
        }
        State::Invited(self)
    }
}

fn free(mut headers: Vec<Extra>) -> Vec<Extra> {
    headers.retain(Extra::is_free);
    headers
}
