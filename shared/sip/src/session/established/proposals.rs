//! What we propose: re-INVITE and UPDATE, glare, and the ACK to the other side's 2xx (RFC 3261 §14.1, RFC 3311 §5.1).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Entropy, Now, Tick};

use super::usage::{Established, Step};
use crate::{
    session::{
        Breakdown, Ended, EndedBy, Event, OfferBy, RequestToken, Sdp,
        agreement::Agreement,
        dialog::{AckOf, Origin},
        draft::{Draft, InFlight},
        read::Read,
        shared::Shared,
        unacked::Answers,
    },
    transaction::{Failure, Timers},
    wire::{Method, Response, StatusCode},
};

/// How often a proposal is repeated that met one of the other side's.
const MAX_GLARES: u8 = 4;

/// What we have begun.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Ours {
    pub(super) flight: Flight,
    queued: Option<Queued>,
}

/// Our exchange that is under way.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) enum Flight {
    /// None.
    #[default]
    Idle,
    /// The request waits for its final answer.
    Sent(Sent),
    /// The answer brought an offer, and the owner has to answer that before the ACK can be sent.
    Answering(Answering),
}

/// A proposal that was sent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sent {
    request: InFlight,
    proposal: Proposal,
}

/// An offer in a 2xx.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answering {
    pub(super) ack: AckOf,
    pub(super) answers: Answers,
    pub(super) offer: Sdp,
    give_up_at: Tick,
}

/// What we propose.
#[derive(Debug, Serialize, Deserialize)]
struct Proposal {
    purpose: Purpose,
    by: OfferBy,
    glares: u8,
}

#[derive(Debug, Serialize, Deserialize)]
enum Purpose {
    /// The owner wants a change.
    Change(Option<Sdp>),
    /// Nothing shall change, but the session timer start again.
    Refresh(Sdp),
}

#[derive(Debug, Serialize, Deserialize)]
struct Queued {
    proposal: Proposal,
    not_before: Tick,
}

impl Established {
    /// The owner wants a change.
    pub(super) fn propose(&mut self, sdp: Option<Sdp>, by: OfferBy, shared: &mut Shared, now: Now) {
        if self.theirs.offered.is_some() {
            return refused(StatusCode::REQUEST_PENDING, shared);
        }
        let not_before = match &self.ours.queued {
            Some(queued) => queued.not_before,
            None => now.tick,
        };
        let by = match sdp {
            Some(_) => by,
            None => OfferBy::Invite,
        };
        let purpose = Purpose::Change(sdp);
        let proposal = Proposal { purpose, by, glares: 0 };
        self.ours.queued = Some(Queued { proposal, not_before });
    }

    /// Sends an unchanged offer for the session timer; false when that is not possible now.
    pub(super) fn propose_refresh(&mut self, shared: &mut Shared) -> bool {
        let Some(local) = self.agreed.as_ref().map(|agreed| agreed.local.clone()) else {
            return false;
        };
        if self.ours.queued.is_some() || !self.is_quiet() {
            return false;
        }
        let purpose = Purpose::Refresh(local);
        let proposal = Proposal {
            purpose,
            by: OfferBy::Invite,
            glares: 0,
        };
        self.send(proposal, shared);
        true
    }

    /// Sends what waits, as soon as nothing is in its way.
    pub(super) fn release(&mut self, shared: &mut Shared, now: Now) {
        if !self.is_quiet() {
            return;
        }
        if let Some(queued) = self.ours.queued.take_if(|queued| queued.not_before <= now.tick) {
            self.send(queued.proposal, shared);
        }
    }

    /// The other side proposes something itself: what waits here would be out of date afterwards.
    pub(super) fn drop_queued(&mut self, shared: &mut Shared) {
        if let Some(queued) = self.ours.queued.take() {
            queued.proposal.tell(StatusCode::REQUEST_PENDING, shared);
        }
    }

    pub(super) fn ours_deadline(&self) -> Option<Tick> {
        let queued = self.ours.queued.as_ref().filter(|_| self.is_quiet());
        let answering = match &self.ours.flight {
            Flight::Answering(answering) => Some(answering.give_up_at),
            Flight::Idle | Flight::Sent(_) => None,
        };
        queued
            .map(|queued| queued.not_before)
            .into_iter()
            .chain(answering)
            .min()
    }

    /// An owner that never answers the offer in a 2xx loses the call, as its caller would anyway.
    pub(super) fn answering_times_out(&mut self, now: Now) -> Step {
        match &self.ours.flight {
            Flight::Answering(answering) if answering.give_up_at <= now.tick => {
                Step::end_with_bye(Ended::new(EndedBy::Failure(Breakdown::Protocol)), Vec::new())
            }
            Flight::Answering(_) | Flight::Idle | Flight::Sent(_) => Step::Stay,
        }
    }

    pub(super) fn receive_for_ours(&mut self, response: &Response, shared: &mut Shared, now: Now) -> Step {
        if response.status().is_provisional() {
            return Step::Stay;
        }
        let Some(sent) = self.ours.take_sent() else {
            return Step::Stay;
        };
        if response.status().is_success() {
            self.succeeded(sent, response, shared, now);
            return Step::Stay;
        }
        self.refused(sent, response, shared, now)
    }

    pub(super) fn fail_ours(&mut self, failure: Failure, shared: &mut Shared, now: Now) -> Step {
        if let (Failure::Transport, Some(sent)) = (failure, self.ours.take_sent()) {
            self.report(&sent.proposal, StatusCode::SERVICE_UNAVAILABLE, shared, now);
        }
        Step::after_failure(failure)
    }

    /// No INVITE is open in either direction, and no offer.
    fn is_quiet(&self) -> bool {
        matches!(self.ours.flight, Flight::Idle) && self.theirs.offered.is_none() && self.theirs.unacked.is_none()
    }

    fn send(&mut self, mut proposal: Proposal, shared: &mut Shared) {
        if proposal.by == OfferBy::Update && !self.peer_allows_update {
            proposal.by = OfferBy::Invite;
        }
        let draft = Draft {
            method: match proposal.by {
                OfferBy::Invite => Method::Invite,
                OfferBy::Update => Method::Update,
            },
            headers: self.timer.request_headers(),
            content: proposal.sdp().cloned().map(Into::into),
        };
        let request = InFlight::send(draft, &mut self.dialog, shared);
        self.ours.flight = Flight::Sent(Sent { request, proposal });
    }

    fn succeeded(&mut self, sent: Sent, response: &Response, shared: &mut Shared, now: Now) {
        self.dialog.refresh_target(response);
        self.timer.granted(response, now);
        if let Some(allows) = response.allows_update() {
            self.peer_allows_update = allows;
        }
        let ack = match sent.proposal.by {
            OfferBy::Invite => Some(sent.request.ack_of()),
            OfferBy::Update => None,
        };
        let (ack, offer) = match (sent.proposal.purpose, response.sdp(), ack) {
            (Purpose::Change(None), Some(offer), Some(ack)) => (ack, offer),
            (purpose, answer, ack) => {
                if let Some(ack) = ack {
                    self.acknowledge(ack, None, shared);
                }
                return self.conclude(purpose, answer, shared);
            }
        };
        self.ours.flight = Flight::answering(ack, Answers::Renewal, offer.clone(), now);
        let (sdp, by) = (Some(offer), OfferBy::Invite);
        shared.event(Event::Offered { sdp, by });
    }

    /// Our offer was answered, or should have been.
    fn conclude(&mut self, purpose: Purpose, answer: Option<Sdp>, shared: &mut Shared) {
        match (purpose, answer) {
            (Purpose::Change(Some(local)), Some(remote)) => {
                self.agreed = Some(Agreement::by_them(local, remote.clone()));
                shared.event(Event::OfferAnswered { sdp: remote });
            }
            (Purpose::Change(_), _) => refused(StatusCode::NOT_ACCEPTABLE_HERE, shared),
            (Purpose::Refresh(local), Some(remote)) => {
                let is_other = self.agreed.as_ref().is_none_or(|agreed| agreed.remote != remote);
                self.agreed = Some(Agreement::by_them(local, remote.clone()));
                if is_other {
                    shared.event(Event::OfferAnswered { sdp: remote });
                }
            }
            (Purpose::Refresh(_), None) => {}
        }
    }

    fn refused(&mut self, mut sent: Sent, response: &Response, shared: &mut Shared, now: Now) -> Step {
        let status = response.status();
        if sent.request.answer_challenge(response, &mut self.dialog, shared) {
            self.ours.flight = Flight::Sent(sent);
            return Step::Stay;
        }
        match (status, sent.proposal.by) {
            (StatusCode::SESSION_INTERVAL_TOO_SMALL, _) if self.timer.raise(response) => {
                self.send(sent.proposal, shared);
            }
            (StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED, OfferBy::Update) => {
                self.peer_allows_update = false;
                self.queue(sent.proposal, now.tick);
            }
            (StatusCode::REQUEST_PENDING, _) if sent.proposal.glares < MAX_GLARES => {
                sent.proposal.glares += 1;
                let wait = glare_wait(self.dialog.origin(), &mut shared.entropy);
                self.queue(sent.proposal, now.tick + wait);
            }
            _ => self.report(&sent.proposal, status, shared, now),
        }
        Step::after(status)
    }

    /// Waits with a proposal; a later one of the owner has taken its place if there is one.
    fn queue(&mut self, proposal: Proposal, not_before: Tick) {
        match &mut self.ours.queued {
            Some(queued) => queued.not_before = not_before,
            None => self.ours.queued = Some(Queued { proposal, not_before }),
        }
    }

    fn report(&mut self, proposal: &Proposal, status: StatusCode, shared: &mut Shared, now: Now) {
        match Step::after(status) {
            Step::Stay => proposal.tell(status, shared),
            Step::End(_) => {}
        }
        if let Purpose::Refresh(_) = proposal.purpose {
            self.timer.postpone(now);
        }
    }
}

impl Ours {
    pub(super) fn is_sent(&self, token: RequestToken) -> bool {
        matches!(&self.flight, Flight::Sent(sent) if sent.request.is(token))
    }

    /// Whether an exchange that we began is not complete.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.flight, Flight::Idle)
    }

    pub(super) fn take_answering(&mut self) -> Option<Answering> {
        match std::mem::take(&mut self.flight) {
            Flight::Answering(answering) => Some(answering),
            other @ (Flight::Idle | Flight::Sent(_)) => {
                self.flight = other;
                None
            }
        }
    }

    fn take_sent(&mut self) -> Option<Sent> {
        match std::mem::take(&mut self.flight) {
            Flight::Sent(sent) => Some(sent),
            other @ (Flight::Idle | Flight::Answering(_)) => {
                self.flight = other;
                None
            }
        }
    }
}

impl Flight {
    pub(super) fn answering(ack: AckOf, answers: Answers, offer: Sdp, now: Now) -> Self {
        Flight::Answering(Answering {
            ack,
            answers,
            offer,
            give_up_at: now.tick + Timers::RFC_3261.give_up(),
        })
    }
}

impl Sent {
    /// The INVITE that is still to be answered, if this was one.
    pub(super) fn open_invite(self) -> Option<InFlight> {
        match self.proposal.by {
            OfferBy::Invite => Some(self.request),
            OfferBy::Update => None,
        }
    }
}

impl Proposal {
    fn sdp(&self) -> Option<&Sdp> {
        match &self.purpose {
            Purpose::Change(sdp) => sdp.as_ref(),
            Purpose::Refresh(sdp) => Some(sdp),
        }
    }

    /// Tells the owner about its failure, if it was the owner's.
    fn tell(&self, status: StatusCode, shared: &mut Shared) {
        match self.purpose {
            Purpose::Change(_) => refused(status, shared),
            Purpose::Refresh(_) => {}
        }
    }
}

fn refused(status: StatusCode, shared: &mut Shared) {
    shared.event(Event::OfferRefused { status });
}

/// How long to wait after 491 (RFC 3261 §14.1), in steps of 10 ms.
fn glare_wait(origin: Origin, entropy: &mut Entropy) -> Duration {
    let steps = match origin {
        Origin::Ours => 210 + entropy.below(191),
        Origin::Theirs => entropy.below(201),
    };
    Duration::from_millis(u64::from(steps) * 10)
}
