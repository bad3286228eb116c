//! An outgoing call that is not finally answered: branches, challenges, cancelling (RFC 3261 §13.2, §9.1, §22);
//! confirmed provisional answers and early offers (RFC 3262 §4, RFC 3311 §5.2).
//!
//! | what                | 101–199            | 2xx                   | 401/407, 422     | other final | End                | fails |
//! |---------------------|--------------------|-----------------------|------------------|-------------|--------------------|-------|
//! | INVITE is under way | tell, early dialog | ACK, tell → answered  | try again, or end| end         | CANCEL, end → late | end   |

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::{Now, Tick};

use super::{
    Branch, Breakdown, Command, Ended, EndedBy, Event, Extra, Input, OfferBy, Outgoing, Reply, RequestToken, Sdp,
    agreement::Agreement,
    branch::{Early, Numbered},
    capability, challenge,
    closing::Closing,
    dialog::{self, Dialog, Order},
    draft::MAX_CHALLENGES,
    early_offers::EarlyOffer,
    established::{Established, FirstAnswer},
    machine::State,
    manners,
    read::Read,
    shared::Shared,
    strays::Strays,
    timer::SessionTimer,
};
use crate::{
    transaction::{Failure, ServerKey},
    wire::{Method, Request, Response, StatusCode, header::Reason},
};

/// How many branches are told apart; what rings beyond that rings unheard.
const MAX_BRANCHES: usize = 16;

/// An outgoing call that is not finally answered.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Calling {
    outgoing: Outgoing,
    token: RequestToken,
    cseq: u32,
    challenges: u8,
    auth: Option<Extra>,
    timer: SessionTimer,
    early: BTreeMap<SmolStr, Early>,
    branches: u16,
    /// What a branch, named by its To tag, proposes and the owner has not answered.
    proposal: Option<(SmolStr, Proposal)>,
}

/// A proposal of a branch.
#[derive(Debug, Serialize, Deserialize)]
enum Proposal {
    /// In a provisional answer, because the INVITE made no offer: answered by the PRACK.
    Provisional { numbered: Numbered, offer: Sdp },
    /// In an UPDATE.
    Update(EarlyOffer),
}

impl Calling {
    pub(super) fn start(mut outgoing: Outgoing, shared: &mut Shared) -> Self {
        outgoing.headers.retain(Extra::is_free);
        let timer = SessionTimer::new(shared.settings.timer);
        let cseq = 1;
        let invite = dialog::invite(&outgoing, cseq, &timer.request_headers(), shared);
        Calling {
            token: shared.request(invite, outgoing.aim().next_hop),
            outgoing,
            cseq,
            challenges: 0,
            auth: None,
            timer,
            early: BTreeMap::new(),
            branches: 0,
            proposal: None,
        }
    }

    pub(super) fn deadline(&self) -> Option<Tick> {
        match &self.proposal {
            Some((_, Proposal::Update(offer))) => Some(offer.deadline()),
            Some((_, Proposal::Provisional { .. })) | None => None,
        }
    }

    pub(super) fn handle_timeout(mut self: Box<Self>, shared: &mut Shared, now: Now) -> State {
        if self.deadline().is_some_and(|deadline| deadline <= now.tick)
            && let Some((_, Proposal::Update(offer))) = self.proposal.take()
        {
            offer.refuse(StatusCode::SERVER_TIMEOUT, shared);
            shared.event(Event::OfferWithdrawn);
        }
        State::Calling(self)
    }

    pub(super) fn handle(mut self: Box<Self>, input: Input, shared: &mut Shared, now: Now) -> State {
        match input {
            Input::Response { token, response } if token == self.token => return self.receive(response, shared, now),
            Input::Failed { token, failure } if token == self.token => {
                let (breakdown, status) = match failure {
                    Failure::Timeout => (Breakdown::Timeout, StatusCode::REQUEST_TIMEOUT),
                    Failure::Transport => (Breakdown::Transport, StatusCode::SERVICE_UNAVAILABLE),
                };
                self.drop_proposal(shared);
                shared.ended(Ended::new(EndedBy::Failure(breakdown)).with_status(status));
                return State::Over;
            }
            Input::Response { token, response } => {
                let branches = self.early.values_mut();
                branches.for_each(|early| early.receive(token, &response, shared));
            }
            Input::Command(command) => return self.obey(command, shared),
            Input::Request { key, request } => self.take_request(key, request, shared, now),
            Input::Failed { .. } | Input::Ack(_) | Input::Cancel { .. } => {}
        }
        State::Calling(self)
    }

    fn receive(mut self: Box<Self>, response: Response, shared: &mut Shared, now: Now) -> State {
        let status = response.status();
        if status.is_provisional() {
            self.progress(response, shared);
            return State::Calling(self);
        }
        if status.is_success() {
            return self.answered(response, shared, now);
        }
        if self.try_again(&response, shared) {
            return State::Calling(self);
        }
        self.drop_proposal(shared);
        shared.ended(Ended::refused(&response));
        State::Over
    }

    fn progress(&mut self, response: Response, shared: &mut Shared) {
        let status = response.status();
        let Some(dialog) = Dialog::from_response(&response, &self.outgoing.request_uri) else {
            return;
        };
        if status == StatusCode::TRYING {
            return;
        }
        let tag = dialog.remote_tag().clone();
        if !self.early.contains_key(&tag) && self.early.len() == MAX_BRANCHES {
            return;
        }
        let numbered = Numbered::read(&response);
        let sdp = response.sdp();
        let brings_offer = self.outgoing.sdp.is_none() && sdp.is_some() && numbered.is_some();
        let known = self.early.get(&tag);
        let is_next = |numbered: &Numbered| known.is_none_or(|early| early.is_next(numbered));
        let is_passed_over = numbered.as_ref().is_some_and(|numbered| !is_next(numbered));
        // The offer of a branch waits until that of another one is answered: it comes again.
        if is_passed_over || (brings_offer && self.proposal.is_some()) {
            return;
        }
        let branches = &mut self.branches;
        let early = self.early.entry(tag.clone());
        let early = early.or_insert_with(|| Early::new(Branch::next(branches), dialog));
        let branch = early.branch;
        let offer = sdp.clone().filter(|_| brings_offer && early.agreed.is_none());
        match (numbered, &offer) {
            (Some(numbered), Some(offer)) => {
                let offer = offer.clone();
                self.proposal = Some((tag.clone(), Proposal::Provisional { numbered, offer }));
            }
            (Some(numbered), None) => {
                early.confirm(&numbered, None, shared);
                if let (None, Some(local), Some(remote)) = (&early.agreed, &self.outgoing.sdp, &sdp) {
                    early.agreed = Some(Agreement::by_them(local.clone(), remote.clone()));
                }
            }
            (None, _) => {}
        }
        let answer = sdp.filter(|_| self.outgoing.sdp.is_some());
        early.preview = early.preview.take().or_else(|| answer.clone());
        if status == StatusCode::EARLY_DIALOG_TERMINATED {
            self.forget(&tag, shared);
        }
        shared.event(Event::Progress {
            branch,
            status,
            sdp: answer,
            response,
        });
        if offer.is_some() {
            let (sdp, by) = (offer, OfferBy::Invite);
            shared.event(Event::Offered { sdp, by });
        }
    }

    fn answered(mut self: Box<Self>, response: Response, shared: &mut Shared, now: Now) -> State {
        self.drop_proposal(shared);
        let Some(dialog) = Dialog::from_response(&response, &self.outgoing.request_uri) else {
            shared.ended(Ended::new(EndedBy::Failure(Breakdown::Protocol)));
            return State::Over;
        };
        let strays = Strays::new(self.token, self.outgoing.request_uri.clone(), self.auth.clone());
        let ack = strays.ack_of(&dialog);
        let strays = strays.after(dialog.remote_tag().clone(), now);
        let early = self.early.remove(dialog.remote_tag());
        let early = early.unwrap_or_else(|| Early::new(Branch::next(&mut self.branches), dialog.clone()));
        self.timer.granted(&response, now);
        let answer = early.answer(self.outgoing.sdp, response.sdp());
        let (branch, dialog) = (early.branch, dialog.continuing(early.dialog));
        let first = FirstAnswer {
            branch,
            response,
            dialog,
            ack,
            strays,
            answer,
        };
        Established::called(first, self.timer, shared, now)
    }

    /// Sends the INVITE again when `response` says how it might succeed (RFC 3261 §8.1.3.5).
    fn try_again(&mut self, response: &Response, shared: &mut Shared) -> bool {
        match response.status() {
            StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                let uri = &self.outgoing.aim().request_uri;
                match challenge::answer(response, &Method::Invite, uri, shared) {
                    Some(answer) if self.challenges < MAX_CHALLENGES => self.auth = Some(answer),
                    Some(_) | None => return false,
                }
                self.challenges += 1;
            }
            StatusCode::SESSION_INTERVAL_TOO_SMALL if self.timer.raise(response) => self.auth = None,
            _ => return false,
        }
        self.early.clear();
        self.cseq += 1;
        let timer = self.timer.request_headers();
        let extras = self.auth.iter().chain(&timer);
        let invite = dialog::invite(&self.outgoing, self.cseq, extras, shared);
        self.token = shared.request(invite, self.outgoing.aim().next_hop);
        true
    }

    fn obey(mut self: Box<Self>, command: Command, shared: &mut Shared) -> State {
        match command {
            Command::End { reasons, .. } => return self.cancel(reasons, shared),
            Command::Offer { .. } => shared.event(Event::OfferRefused {
                status: StatusCode::REQUEST_PENDING,
            }),
            Command::Send { tag, .. } => shared.event(Event::Replied {
                tag,
                reply: Reply::Unsent,
            }),
            Command::AnswerOffer { sdp } => self.answer_offer(sdp, shared),
            Command::RefuseOffer { status } => return self.refuse_offer(status, shared),
            Command::Progress { .. }
            | Command::Accept { .. }
            | Command::Reject { .. }
            | Command::Respond { .. }
            | Command::AcceptReferral { .. }
            | Command::RefuseReferral { .. }
            | Command::TellReferral { .. } => {}
        }
        State::Calling(self)
    }

    fn answer_offer(&mut self, sdp: Sdp, shared: &mut Shared) {
        let Some((tag, proposal)) = self.proposal.take() else {
            return;
        };
        let Some(early) = self.early.get_mut(&tag) else { return };
        early.agreed = Some(match proposal {
            Proposal::Provisional { numbered, offer } => {
                early.confirm(&numbered, Some(sdp.clone()), shared);
                Agreement::by_us(sdp, offer)
            }
            Proposal::Update(offer) => {
                early.dialog.refresh_target(offer.request());
                offer.accept(sdp, shared)
            }
        });
    }

    /// An offer in a provisional answer cannot be refused (RFC 3262 §5): without it there is no call.
    fn refuse_offer(mut self: Box<Self>, status: StatusCode, shared: &mut Shared) -> State {
        match self.proposal.take() {
            Some((_, Proposal::Update(offer))) => offer.refuse(status, shared),
            Some((_, Proposal::Provisional { .. })) => return self.cancel(Vec::new(), shared),
            None => {}
        }
        State::Calling(self)
    }

    /// Something else has come first.
    fn drop_proposal(&mut self, shared: &mut Shared) {
        match self.proposal.take() {
            Some((_, Proposal::Update(offer))) => offer.postpone(shared),
            Some((_, Proposal::Provisional { .. })) => shared.event(Event::OfferWithdrawn),
            None => {}
        }
    }

    /// A branch has left.
    fn forget(&mut self, tag: &SmolStr, shared: &mut Shared) {
        if self.proposal.as_ref().is_some_and(|(whose, _)| whose == tag) {
            self.drop_proposal(shared);
        }
        self.early.remove(tag);
    }

    fn cancel(mut self: Box<Self>, reasons: Vec<Reason>, shared: &mut Shared) -> State {
        self.drop_proposal(shared);
        shared.cancel(self.token, reasons.clone());
        let strays = Strays::new(self.token, self.outgoing.request_uri, self.auth).given_up(reasons.clone());
        shared.ended(Ended::new(EndedBy::Local).with_reasons(reasons));
        Closing::cancelled(strays)
    }

    /// A request of the called side before it answers finally.
    fn take_request(&mut self, key: ServerKey, request: Request, shared: &mut Shared, now: Now) {
        let tag = request.sender_tag().unwrap_or_default();
        let Some(early) = self.early.get_mut(&tag) else {
            return shared.answer(key, &request, StatusCode::CALL_DOES_NOT_EXIST);
        };
        match early.dialog.order(&request) {
            Order::Next => {}
            Order::Late => return shared.answer(key, &request, StatusCode::SERVER_INTERNAL_ERROR),
        }
        if let Err(refusal) = capability::screen(&request) {
            return refusal.answer(key, &request, shared);
        }
        match request.method() {
            Method::Update if request.sdp().is_none() => {
                early.dialog.refresh_target(&request);
                manners::accept_update((key, &request), &[], None, shared);
            }
            Method::Update if early.agreed.is_some() => self.take_offer(tag, key, request, shared, now),
            Method::Update | Method::Invite => shared.answer(key, &request, StatusCode::REQUEST_PENDING),
            Method::Bye => {
                shared.answer(key, &request, StatusCode::OK);
                self.forget(&tag, shared);
            }
            Method::Refer | Method::Subscribe | Method::Notify | Method::Prack => {
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
    }

    /// An UPDATE with an offer, after offer and answer have been exchanged with its branch.
    fn take_offer(&mut self, tag: SmolStr, key: ServerKey, request: Request, shared: &mut Shared, now: Now) {
        let Some(offer) = request.sdp().filter(|_| self.proposal.is_none()) else {
            return shared.answer_later(key, &request);
        };
        let update = EarlyOffer::new(key, request, offer.clone(), now);
        self.proposal = Some((tag, Proposal::Update(update)));
        shared.event(Event::Offered {
            sdp: Some(offer),
            by: OfferBy::Update,
        });
    }
}
