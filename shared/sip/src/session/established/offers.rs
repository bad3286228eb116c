//! What the other side proposes: re-INVITE and UPDATE (RFC 3261 §14.2, RFC 3311 §5.2), and the ACKs to our 2xx.
//!
//! | state                        | re-INVITE          | UPDATE with offer |
//! |------------------------------|--------------------|-------------------|
//! | nothing is open              | ask the owner      | ask the owner     |
//! | its last offer is unanswered | 500 + Retry-After  | 500 + Retry-After |
//! | our offer is unanswered      | 491                | 491               |
//! | our 2xx to INVITE is unACKed | counts as its ACK  | ask the owner     |

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::usage::{Established, Step};
use crate::{
    session::{
        Breakdown, Ended, EndedBy, Event, Extra, OfferBy, Sdp,
        agreement::{Agreement, Side},
        manners,
        read::Read,
        shared::Shared,
        unacked::{Answers, Expects, Patience, Unacked},
    },
    transaction::ServerKey,
    wire::{Request, StatusCode},
};

/// How long an owner may think about an UPDATE, whose sender gives up after 64·T1 (RFC 3311 §5.2).
pub(in crate::session) const UPDATE_PATIENCE: Duration = Duration::from_secs(24);

/// What the other side has begun.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Theirs {
    /// A proposal that the owner has not answered.
    pub(super) offered: Option<Offered>,
    /// A 2xx of ours that the other side has not acknowledged.
    pub(super) unacked: Option<Unacked>,
}

/// A proposal of the other side.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Offered {
    pub(super) key: ServerKey,
    pub(super) request: Request,
    by: OfferBy,
    /// When an UPDATE is answered for the owner; a re-INVITE can wait.
    give_up_at: Option<Tick>,
}

impl Theirs {
    pub(super) fn deadline(&self) -> Option<Tick> {
        let offered = self.offered.as_ref().and_then(|offered| offered.give_up_at);
        let unacked = self.unacked.as_ref().map(Unacked::deadline);
        offered.into_iter().chain(unacked).min()
    }
}

impl Established {
    /// A re-INVITE, or an UPDATE with an offer.
    pub(super) fn take_offer(&mut self, key: ServerKey, request: Request, by: OfferBy, shared: &mut Shared, now: Now) {
        if self.is_offer_of_ours_open() {
            return shared.answer(key, &request, StatusCode::REQUEST_PENDING);
        }
        if self.theirs.offered.is_some() {
            return shared.answer_later(key, &request);
        }
        if let Err(small) = self.timer.judge(&request) {
            return shared.respond(key, small.response(&request, shared));
        }
        if by == OfferBy::Invite {
            self.take_as_ack(shared);
        }
        let sdp = request.sdp();
        let offered = Offered {
            key,
            request,
            by,
            give_up_at: (by == OfferBy::Update).then(|| now.tick + UPDATE_PATIENCE),
        };
        if let Some(local) = self.answer_to_repeated(sdp.as_ref()) {
            return self.accept(offered, local, shared, now);
        }
        self.drop_queued(shared);
        self.theirs.offered = Some(offered);
        shared.event(Event::Offered { sdp, by });
    }

    /// An UPDATE without offer: it refreshes the session and perhaps the remote target.
    pub(super) fn take_refresh(&mut self, key: ServerKey, request: &Request, shared: &mut Shared, now: Now) {
        if let Err(small) = self.timer.judge(request) {
            return shared.respond(key, small.response(request, shared));
        }
        self.dialog.refresh_target(request);
        let headers = self.timer.grant(request, now);
        manners::accept_update((key, request), &headers, None, shared);
    }

    /// The owner answers, either what was offered here or what a 2xx to our own INVITE offered.
    pub(super) fn answer_offer(&mut self, sdp: Sdp, shared: &mut Shared, now: Now) {
        if let Some(answering) = self.ours.take_answering() {
            self.acknowledge(answering.ack, Some(sdp.clone()), shared);
            self.agreed = Some(Agreement::by_us(sdp, answering.offer));
        } else if let Some(offered) = self.theirs.offered.take() {
            self.accept(offered, sdp, shared, now);
        }
    }

    /// The owner refuses.
    pub(super) fn refuse_offer(&mut self, status: StatusCode, shared: &mut Shared) -> Step {
        if let Some(offered) = self.theirs.offered.take() {
            let status = if status.is_success() || status.is_provisional() {
                StatusCode::NOT_ACCEPTABLE_HERE
            } else {
                status
            };
            shared.answer(offered.key, &offered.request, status);
            return Step::Stay;
        }
        let Some(answering) = self.ours.take_answering() else {
            return Step::Stay;
        };
        let what_was = self.agreed.as_ref().map(|agreed| agreed.local.clone());
        self.acknowledge(answering.ack, what_was, shared);
        match answering.answers {
            Answers::Initial => Step::end_with_bye(Ended::new(EndedBy::Local).with_status(status), Vec::new()),
            Answers::Renewal => Step::Stay,
        }
    }

    /// The other side takes its re-INVITE back.
    pub(super) fn withdraw(&mut self, key: ServerKey, shared: &mut Shared) -> Step {
        if let Some(offered) = self.theirs.offered.take_if(|offered| offered.key == key) {
            shared.answer(key, &offered.request, StatusCode::REQUEST_TERMINATED);
            shared.event(Event::OfferWithdrawn);
        }
        Step::Stay
    }

    pub(super) fn acknowledged(&mut self, ack: &Request, shared: &mut Shared) -> Step {
        let dialog = &self.dialog;
        let is_meant = |unacked: &mut Unacked| {
            dialog.is_of(ack) && ack.cseq_number().is_some_and(|cseq| unacked.is_acked_by(cseq))
        };
        let Some(unacked) = self.theirs.unacked.take_if(is_meant) else {
            return Step::Stay;
        };
        match (unacked.expects, unacked.answers, ack.sdp()) {
            (Expects::Nothing, Answers::Initial, _) => shared.event(Event::Confirmed { sdp: None }),
            (Expects::Nothing, Answers::Renewal, _) => {}
            (Expects::AnswerTo(local), answers, Some(remote)) => {
                self.agreed = Some(Agreement::by_them(local, remote.clone()));
                shared.event(match answers {
                    Answers::Initial => Event::Confirmed { sdp: Some(remote) },
                    Answers::Renewal => Event::OfferAnswered { sdp: remote },
                });
            }
            (Expects::AnswerTo(_), Answers::Initial, None) => {
                let ended = Ended::new(EndedBy::Failure(Breakdown::Protocol));
                return Step::end_with_bye(ended, Vec::new());
            }
            (Expects::AnswerTo(_), Answers::Renewal, None) => shared.event(Event::OfferRefused {
                status: StatusCode::NOT_ACCEPTABLE_HERE,
            }),
        }
        Step::Stay
    }

    /// Answers an UPDATE that the owner does not answer in time.
    pub(super) fn offered_times_out(&mut self, shared: &mut Shared, now: Now) {
        let is_late = |offered: &mut Offered| offered.give_up_at.is_some_and(|tick| tick <= now.tick);
        if let Some(offered) = self.theirs.offered.take_if(is_late) {
            shared.answer(offered.key, &offered.request, StatusCode::SERVER_TIMEOUT);
            shared.event(Event::OfferWithdrawn);
        }
    }

    /// Sends a 2xx once more, or gives up.
    pub(super) fn unacked_times_out(&mut self, shared: &mut Shared, now: Now) -> Step {
        match &mut self.theirs.unacked {
            Some(unacked) if unacked.deadline() <= now.tick => match unacked.handle_timeout(shared, now) {
                Patience::Left => Step::Stay,
                Patience::Lost => {
                    self.theirs.unacked = None;
                    let ended = Ended::new(EndedBy::Failure(Breakdown::Unacknowledged));
                    Step::end_with_bye(ended, Vec::new())
                }
            },
            Some(_) | None => Step::Stay,
        }
    }

    /// Whether our last offer waits for its answer.
    fn is_offer_of_ours_open(&self) -> bool {
        let expects_answer = |unacked: &Unacked| matches!(unacked.expects, Expects::AnswerTo(_));
        self.ours.is_open() || self.theirs.unacked.as_ref().is_some_and(expects_answer)
    }

    /// Who sends a new INVITE has seen our 2xx to the last one, even if its ACK was lost.
    fn take_as_ack(&mut self, shared: &mut Shared) {
        if let Some(unacked) = self.theirs.unacked.take()
            && unacked.answers == Answers::Initial
        {
            shared.event(Event::Confirmed { sdp: None });
        }
    }

    /// Our last answer, when the other side repeats the offer that it was given to: a mere session refresh.
    fn answer_to_repeated(&self, offer: Option<&Sdp>) -> Option<Sdp> {
        let agreed = self.agreed.as_ref().filter(|agreed| agreed.answerer == Side::Us)?;
        (Some(&agreed.remote) == offer).then(|| agreed.local.clone())
    }

    fn accept(&mut self, offered: Offered, local: Sdp, shared: &mut Shared, now: Now) {
        let Offered { key, request, by, .. } = offered;
        self.dialog.refresh_target(&request);
        if let Some(allows) = request.allows_update() {
            self.peer_allows_update = allows;
        }
        let headers: Vec<Extra> = self.timer.grant(&request, now);
        let offer = request.sdp();
        if by == OfferBy::Update {
            manners::accept_update((key, &request), &headers, Some(local.clone()), shared);
        } else {
            let response = manners::accept_invite(&request, &headers, Some(local.clone()), shared);
            let expects = match &offer {
                Some(_) => Expects::Nothing,
                None => Expects::AnswerTo(local.clone()),
            };
            let cseq = request.cseq_number().unwrap_or_default();
            let about = (cseq, Answers::Renewal, expects);
            self.theirs.unacked = Some(Unacked::send(key, response, about, shared, now));
        }
        if let Some(remote) = offer {
            self.agreed = Some(Agreement::by_us(local, remote));
        }
    }
}
