//! An outgoing call that is not finally answered: branches, challenges, cancelling (RFC 3261 §13.2, §9.1, §22).
//!
//! | what                | 101–199            | 2xx                   | 401/407, 422     | other final | End                | fails |
//! |---------------------|--------------------|-----------------------|------------------|-------------|--------------------|-------|
//! | INVITE is under way | tell, early dialog | ACK, tell → answered  | try again, or end| end         | CANCEL, end → late | end   |

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::Now;

use super::{
    Branch, Breakdown, Command, Ended, EndedBy, Event, Extra, Input, Outgoing, Reply, RequestToken, Sdp, capability,
    challenge,
    closing::Closing,
    dialog::{self, Dialog, Order},
    draft::MAX_CHALLENGES,
    established::{Answer, Established, FirstAnswer},
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
}

/// One of the phones that may be ringing.
#[derive(Debug, Serialize, Deserialize)]
struct Early {
    branch: Branch,
    dialog: Dialog,
    sdp: Option<Sdp>,
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
        }
    }

    pub(super) fn handle(mut self: Box<Self>, input: Input, shared: &mut Shared, now: Now) -> State {
        match input {
            Input::Response { token, response } if token == self.token => return self.receive(response, shared, now),
            Input::Failed { token, failure } if token == self.token => {
                let (breakdown, status) = match failure {
                    Failure::Timeout => (Breakdown::Timeout, StatusCode::REQUEST_TIMEOUT),
                    Failure::Transport => (Breakdown::Transport, StatusCode::SERVICE_UNAVAILABLE),
                };
                shared.ended(Ended::new(EndedBy::Failure(breakdown)).with_status(status));
                return State::Over;
            }
            Input::Command(command) => return self.obey(command, shared),
            Input::Request { key, request } => self.take_request(key, &request, shared),
            Input::Response { .. } | Input::Failed { .. } | Input::Ack(_) | Input::Cancel { .. } => {}
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
        let branches = &mut self.branches;
        let early = self.early.entry(tag.clone()).or_insert_with(|| Early {
            branch: Branch::next(branches),
            dialog,
            sdp: None,
        });
        let sdp = response.sdp();
        if let (Some(_), None) = (&sdp, &early.sdp) {
            early.sdp.clone_from(&sdp);
        }
        let branch = early.branch;
        if status == StatusCode::EARLY_DIALOG_TERMINATED {
            self.early.remove(&tag);
        }
        shared.event(Event::Progress {
            branch,
            status,
            sdp,
            response,
        });
    }

    fn answered(mut self: Box<Self>, response: Response, shared: &mut Shared, now: Now) -> State {
        let Some(dialog) = Dialog::from_response(&response, &self.outgoing.request_uri) else {
            shared.ended(Ended::new(EndedBy::Failure(Breakdown::Protocol)));
            return State::Over;
        };
        let strays = Strays::new(self.token, self.outgoing.request_uri, self.auth);
        let ack = strays.ack_of(&dialog);
        let strays = strays.after(dialog.remote_tag().clone(), now);
        let (branch, early_sdp, dialog) = match self.early.remove(dialog.remote_tag()) {
            Some(early) => (early.branch, early.sdp, dialog.continuing(early.dialog)),
            None => (Branch::next(&mut self.branches), None, dialog),
        };
        self.timer.granted(&response, now);
        let answer = match (self.outgoing.sdp, response.sdp(), early_sdp) {
            (Some(local), Some(remote), _) | (Some(local), None, Some(remote)) => Answer::Complete { local, remote },
            (None, Some(remote), _) => Answer::Offer { remote },
            (_, None, _) => Answer::Missing,
        };
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

    fn obey(self: Box<Self>, command: Command, shared: &mut Shared) -> State {
        match command {
            Command::End { reasons, .. } => return self.cancel(reasons, shared),
            Command::Offer { .. } => shared.event(Event::OfferRefused {
                status: StatusCode::REQUEST_PENDING,
            }),
            Command::Send { tag, .. } => shared.event(Event::Replied {
                tag,
                reply: Reply::Unsent,
            }),
            Command::Progress { .. }
            | Command::Accept { .. }
            | Command::Reject { .. }
            | Command::AnswerOffer { .. }
            | Command::RefuseOffer { .. }
            | Command::Respond { .. } => {}
        }
        State::Calling(self)
    }

    fn cancel(self: Box<Self>, reasons: Vec<Reason>, shared: &mut Shared) -> State {
        shared.cancel(self.token, reasons.clone());
        let strays = Strays::new(self.token, self.outgoing.request_uri, self.auth).given_up(reasons.clone());
        shared.ended(Ended::new(EndedBy::Local).with_reasons(reasons));
        Closing::cancelled(strays)
    }

    /// A request of the called side before it answers finally.
    fn take_request(&mut self, key: ServerKey, request: &Request, shared: &mut Shared) {
        let tag = request.sender_tag();
        let Some(early) = tag.as_ref().and_then(|tag| self.early.get_mut(tag)) else {
            return shared.answer(key, request, StatusCode::CALL_DOES_NOT_EXIST);
        };
        match early.dialog.order(request) {
            Order::Next => {}
            Order::Late => return shared.answer(key, request, StatusCode::SERVER_INTERNAL_ERROR),
        }
        if let Err(refusal) = capability::screen(request) {
            return refusal.answer(key, request, shared);
        }
        match request.method() {
            Method::Update if request.sdp().is_none() => {
                early.dialog.refresh_target(request);
                manners::accept_update((key, request), &[], None, shared);
            }
            Method::Update | Method::Invite => shared.answer(key, request, StatusCode::REQUEST_PENDING),
            Method::Bye => {
                shared.answer(key, request, StatusCode::OK);
                tag.and_then(|tag| self.early.remove(&tag));
            }
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
    }
}
