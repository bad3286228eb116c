//! The state of an answered call, and who takes care of which input.

use std::{collections::BTreeMap, mem};

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{
    offers::Theirs,
    proposals::{Flight, Ours},
    sends::Sends,
};
use crate::{
    session::{
        Branch, Breakdown, Command, Ended, EndedBy, Event, Extra, Input, OfferBy, RequestToken, Sdp,
        agreement::{Agreement, Side},
        capability,
        closing::{Closing, Renewal},
        dialog::{AckOf, Acked, Dialog, Order},
        draft::InFlight,
        machine::State,
        manners,
        read::Read,
        referral::Referral,
        referrals::Referrals,
        reliable::Unconfirmed,
        shared::Shared,
        strays::Strays,
        timer::SessionTimer,
        unacked::{Answers, Unacked},
    },
    transaction::{Failure, ServerKey},
    wire::{Method, Request, Response, StatusCode, header::Reason},
};

/// How many requests of other usages may wait for the owner's answer.
const MAX_OTHERS: usize = 8;

/// An answered call.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::session) struct Established {
    pub(super) dialog: Dialog,
    pub(super) timer: SessionTimer,
    pub(super) ours: Ours,
    pub(super) theirs: Theirs,
    /// What the last complete exchange brought.
    pub(super) agreed: Option<Agreement>,
    /// A provisional answer of ours that the caller has not confirmed (RFC 3262 §3).
    unconfirmed: Option<Unconfirmed>,
    /// A session refresh without offer.
    pub(super) refresh: Option<InFlight>,
    pub(super) acked: Option<Acked>,
    pub(super) peer_allows_update: bool,
    strays: Option<Strays>,
    sends: Sends,
    referrals: Referrals,
    others: BTreeMap<ServerKey, Request>,
}

/// The first 2xx to our INVITE.
#[derive(Debug)]
pub(in crate::session) struct FirstAnswer {
    pub(in crate::session) branch: Branch,
    pub(in crate::session) response: Response,
    /// What it makes.
    pub(in crate::session) dialog: Dialog,
    /// What it asks for.
    pub(in crate::session) ack: AckOf,
    /// What may come after it.
    pub(in crate::session) strays: Strays,
    /// What it brings.
    pub(in crate::session) answer: Answer,
}

/// What the first 2xx to our INVITE brings.
#[derive(Debug)]
pub(in crate::session) enum Answer {
    /// The answer to our offer, or nothing that was not agreed before.
    Complete(Agreement),
    /// An offer, because we made none.
    Offer { remote: Sdp },
    /// Neither, against the rules.
    Missing,
}

/// How it goes on.
#[derive(Debug)]
pub(super) enum Step {
    Stay,
    End(Box<End>),
}

/// How it ends.
#[derive(Debug)]
pub(super) struct End {
    ended: Ended,
    bye: Bye,
}

/// Whether the other side has to be told.
#[derive(Debug)]
enum Bye {
    Send(Vec<Reason>),
    Skip,
}

impl Established {
    /// Our call was answered.
    pub(in crate::session) fn called(first: FirstAnswer, timer: SessionTimer, shared: &mut Shared, now: Now) -> State {
        let FirstAnswer {
            branch,
            response,
            dialog,
            ack,
            strays,
            answer,
        } = first;
        let mut call = Established::new(dialog, timer, response.allows_update());
        call.strays = Some(strays);
        let (sdp, offer) = match answer {
            Answer::Complete(agreement) => {
                call.acknowledge(ack, None, shared);
                let answer = (agreement.answerer == Side::Them).then(|| agreement.remote.clone());
                call.agreed = Some(agreement);
                (answer, None)
            }
            Answer::Offer { remote } => {
                call.ours.flight = Flight::answering(ack, Answers::Initial, remote.clone(), now);
                (None, Some(remote))
            }
            Answer::Missing => {
                call.acknowledge(ack, None, shared);
                let end = End::with_bye(Ended::new(EndedBy::Failure(Breakdown::Protocol)), Vec::new());
                return Box::new(call).close(end, shared, now);
            }
        };
        shared.event(Event::Answered { branch, sdp, response });
        if let Some(offer) = offer {
            shared.event(Event::Offered {
                sdp: Some(offer),
                by: OfferBy::Invite,
            });
        }
        State::Established(Box::new(call))
    }

    /// We answered a call with `unacked`; `agreed` is what has been agreed on by it or before it.
    pub(in crate::session) fn answered(
        dialog: Dialog,
        timer: SessionTimer,
        invite: &Request,
        unacked: Unacked,
        (agreed, unconfirmed): (Option<Agreement>, Option<Unconfirmed>),
    ) -> State {
        let mut call = Established::new(dialog, timer, invite.allows_update());
        call.theirs.unacked = Some(unacked);
        call.agreed = agreed;
        call.unconfirmed = unconfirmed;
        State::Established(Box::new(call))
    }

    fn new(dialog: Dialog, timer: SessionTimer, allows_update: Option<bool>) -> Self {
        Established {
            dialog,
            timer,
            ours: Ours::default(),
            theirs: Theirs::default(),
            agreed: None,
            unconfirmed: None,
            refresh: None,
            acked: None,
            peer_allows_update: allows_update.unwrap_or(false),
            strays: None,
            sends: Sends::default(),
            referrals: Referrals::default(),
            others: BTreeMap::new(),
        }
    }

    pub(in crate::session) fn dialog(&self) -> &Dialog {
        &self.dialog
    }

    pub(in crate::session) fn handle(mut self: Box<Self>, input: Input, shared: &mut Shared, now: Now) -> State {
        let step = match input {
            Input::Request { key, request } => self.take_request(key, request, shared, now),
            Input::Ack(ack) => self.acknowledged(&ack, shared),
            Input::Cancel { key, .. } => self.withdraw(key, shared),
            Input::Response { token, response } => self.receive(token, response, shared, now),
            Input::Failed { token, failure } => self.fail(token, failure, shared, now),
            Input::Command(command) => self.obey(command, shared, now),
        };
        self.proceed(step, shared, now)
    }

    pub(in crate::session) fn handle_timeout(mut self: Box<Self>, shared: &mut Shared, now: Now) -> State {
        if let Some(strays) = &mut self.strays {
            strays.handle_timeout(now);
        }
        self.strays.take_if(|strays| strays.is_over());
        self.offered_times_out(shared, now);
        self.referrals.handle_timeout(&mut self.dialog, shared, now);
        let mut step = self.unacked_times_out(shared, now);
        if let Step::Stay = step {
            step = self.answering_times_out(now);
        }
        if let Step::Stay = step {
            step = self.refresh_times_out(shared, now);
        }
        self.proceed(step, shared, now)
    }

    pub(in crate::session) fn deadline(&self) -> Option<Tick> {
        [
            self.ours_deadline(),
            self.theirs.deadline(),
            self.timer.deadline(),
            self.strays.as_ref().and_then(Strays::deadline),
            self.referrals.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn proceed(mut self: Box<Self>, step: Step, shared: &mut Shared, now: Now) -> State {
        match step {
            Step::Stay => {
                self.release(shared, now);
                State::Established(self)
            }
            Step::End(end) => self.close(*end, shared, now),
        }
    }

    fn take_request(&mut self, key: ServerKey, request: Request, shared: &mut Shared, now: Now) -> Step {
        if !self.dialog.is_of(&request) {
            shared.answer(key, &request, StatusCode::CALL_DOES_NOT_EXIST);
            return Step::Stay;
        }
        if self.dialog.order(&request) == Order::Late {
            shared.answer(key, &request, StatusCode::SERVER_INTERNAL_ERROR);
            return Step::Stay;
        }
        if let Err(refusal) = capability::screen(&request) {
            refusal.answer(key, &request, shared);
            return Step::Stay;
        }
        match request.method() {
            Method::Invite => self.take_offer(key, request, OfferBy::Invite, shared, now),
            Method::Update if request.sdp().is_some() => self.take_offer(key, request, OfferBy::Update, shared, now),
            Method::Update => self.take_refresh(key, &request, shared, now),
            Method::Bye => {
                shared.answer(key, &request, StatusCode::OK);
                return Step::end(Ended::new(EndedBy::Remote).with_reasons(request.reasons()));
            }
            Method::Prack => match self
                .unconfirmed
                .take_if(|unconfirmed| unconfirmed.is_confirmed_by(&request))
            {
                Some(_) => shared.answer(key, &request, StatusCode::OK),
                None => shared.answer(key, &request, StatusCode::CALL_DOES_NOT_EXIST),
            },
            Method::Refer => self.take_referral(key, request, shared),
            Method::Subscribe if self.referrals.subscribe((key, &request), &mut self.dialog, shared, now) => {}
            Method::Subscribe | Method::Notify => self.pass_on(key, request, shared),
            Method::Options
            | Method::Info
            | Method::Ack
            | Method::Cancel
            | Method::Register
            | Method::Message
            | Method::Publish
            | Method::Other(_) => manners::answer(key, &request, shared),
        }
        Step::Stay
    }

    fn receive(&mut self, token: RequestToken, response: Response, shared: &mut Shared, now: Now) -> Step {
        if self.ours.is_sent(token) {
            return self.receive_for_ours(&response, shared, now);
        }
        if self.refresh.as_ref().is_some_and(|refresh| refresh.is(token)) {
            return self.receive_for_refresh(&response, shared, now);
        }
        if let Some(acked) = self.acked.as_ref().filter(|acked| acked.acknowledges(token, &response)) {
            acked.send_again(shared);
            return Step::Stay;
        }
        if let Some(strays) = &mut self.strays {
            strays.take(token, &response, shared, now);
        }
        if self.referrals.receive(token, &response, &mut self.dialog, shared, now) {
            return Step::Stay;
        }
        self.sends.receive(token, response, &mut self.dialog, shared)
    }

    fn fail(&mut self, token: RequestToken, failure: Failure, shared: &mut Shared, now: Now) -> Step {
        if self.ours.is_sent(token) {
            return self.fail_ours(failure, shared, now);
        }
        if self.refresh.take_if(|refresh| refresh.is(token)).is_some() {
            return self.fail_refresh(failure, now);
        }
        if let Some(strays) = &mut self.strays {
            strays.fail(token);
        }
        if self.referrals.fail(token) {
            return Step::Stay;
        }
        self.sends.fail(token, failure, shared)
    }

    fn obey(&mut self, command: Command, shared: &mut Shared, now: Now) -> Step {
        match command {
            Command::Offer { sdp, by } => self.propose(sdp, by, shared, now),
            Command::AnswerOffer { sdp } => self.answer_offer(sdp, shared, now),
            Command::RefuseOffer { status } => return self.refuse_offer(status, shared),
            Command::Send {
                tag,
                method,
                headers,
                content,
            } => self
                .sends
                .send(tag, (method, headers, content), &mut self.dialog, shared),
            Command::Respond {
                key,
                status,
                headers,
                content,
            } => {
                if status.is_final()
                    && let Some(request) = self.others.remove(&key)
                {
                    let headers: Vec<Extra> = headers.into_iter().filter(Extra::is_free).collect();
                    manners::respond((key, &request), status, &headers, content, shared);
                }
            }
            Command::AcceptReferral { id } => self.referrals.accept(id, &mut self.dialog, shared, now),
            Command::RefuseReferral { id, status } => self.referrals.refuse(id, status, shared),
            Command::TellReferral { id, status } => self.referrals.tell(id, status, &mut self.dialog, shared, now),
            Command::End { reasons, .. } => {
                let ended = Ended::new(EndedBy::Local).with_reasons(reasons.clone());
                return Step::end_with_bye(ended, reasons);
            }
            Command::Progress { .. } | Command::Accept { .. } | Command::Reject { .. } => {}
        }
        Step::Stay
    }

    fn take_referral(&mut self, key: ServerKey, request: Request, shared: &mut Shared) {
        let referral = match Referral::read(&request) {
            Ok(referral) => referral,
            Err(status) => return shared.answer(key, &request, status),
        };
        if self.referrals.ask(referral.id, key, request, shared) {
            shared.event(Event::Referred(Box::new(referral)));
        }
    }

    fn pass_on(&mut self, key: ServerKey, request: Request, shared: &mut Shared) {
        if self.others.len() == MAX_OTHERS {
            return shared.answer_later(key, &request);
        }
        self.others.insert(key, request.clone());
        shared.event(Event::Other { key, request });
    }

    /// Sends the ACK, and keeps it for when the 2xx comes again.
    pub(super) fn acknowledge(&mut self, ack: AckOf, sdp: Option<Sdp>, shared: &mut Shared) {
        self.acked = Some(ack.send(&self.dialog, sdp, shared));
    }

    /// Ends the call: answers all that waits, says good-bye, tells the owner.
    fn close(mut self: Box<Self>, end: End, shared: &mut Shared, now: Now) -> State {
        if let Some(offered) = self.theirs.offered.take() {
            shared.answer(offered.key, &offered.request, StatusCode::REQUEST_TERMINATED);
        }
        for (key, request) in mem::take(&mut self.others) {
            shared.answer(key, &request, StatusCode::REQUEST_TERMINATED);
        }
        let renewal = match mem::take(&mut self.ours.flight) {
            Flight::Idle => None,
            Flight::Answering(answering) => {
                self.acknowledge(answering.ack, None, shared);
                None
            }
            Flight::Sent(sent) => sent.open_invite().map(|request| Renewal {
                request,
                dialog: self.dialog.clone(),
            }),
        };
        self.referrals.drop_asked(shared);
        let closing = Closing::silent(renewal, self.strays, self.acked);
        let closing = match end.bye {
            Bye::Send(reasons) => {
                self.referrals.finish(&mut self.dialog, shared, now);
                closing.with_bye(self.dialog, self.theirs.unacked, reasons, shared)
            }
            Bye::Skip if end.ended.by == EndedBy::Remote => closing.with_referrals(self.referrals, self.dialog),
            Bye::Skip => closing,
        };
        shared.ended(end.ended);
        closing.state()
    }
}

impl Step {
    /// Ends without telling the other side.
    pub(super) fn end(ended: Ended) -> Step {
        Step::End(Box::new(End { ended, bye: Bye::Skip }))
    }

    /// Ends with a BYE.
    pub(super) fn end_with_bye(ended: Ended, reasons: Vec<Reason>) -> Step {
        Step::End(Box::new(End::with_bye(ended, reasons)))
    }

    /// The end that a failed request within the dialog brings, if it does (RFC 3261 §12.2.1.2, RFC 5057 §5).
    pub(super) fn after(status: StatusCode) -> Step {
        match status {
            StatusCode::CALL_DOES_NOT_EXIST => Step::end(Ended::new(EndedBy::Failure(Breakdown::Forgotten))),
            StatusCode::REQUEST_TIMEOUT => {
                Step::end_with_bye(Ended::new(EndedBy::Failure(Breakdown::Timeout)), Vec::new())
            }
            _ => Step::Stay,
        }
    }

    /// The end that a request without answer brings: a lost connection can come back, a silent peer is gone.
    pub(super) fn after_failure(failure: Failure) -> Step {
        match failure {
            Failure::Timeout => Step::after(StatusCode::REQUEST_TIMEOUT),
            Failure::Transport => Step::Stay,
        }
    }
}

impl End {
    fn with_bye(ended: Ended, reasons: Vec<Reason>) -> End {
        End {
            ended,
            bye: Bye::Send(reasons),
        }
    }
}
