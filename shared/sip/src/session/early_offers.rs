//! What a caller proposes before we have answered: PRACK and UPDATE with offers (RFC 3262 §5, RFC 3311 §5.2).
//!
//! | offer and answer so far             | PRACK with description    | UPDATE with offer |
//! |-------------------------------------|---------------------------|-------------------|
//! | the INVITE's offer is unanswered    | –                         | 500 + Retry-After |
//! | our answer is not confirmed         | an offer: ask the owner   | 500 + Retry-After |
//! | our offer is unanswered             | its answer                | 491               |
//! | all is said                         | an offer: ask the owner   | ask the owner     |

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Now, Tick};

use super::{
    Breakdown, Ended, EndedBy, Event, OfferBy, Sdp,
    agreement::Agreement,
    established::UPDATE_PATIENCE,
    invited::Invited,
    machine::State,
    manners,
    read::Read,
    reliable::{Confirmed, Said},
    shared::Shared,
};
use crate::{
    transaction::ServerKey,
    wire::{Request, StatusCode},
};

/// A proposal before the answer that its owner has not answered.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EarlyOffer {
    key: ServerKey,
    request: Request,
    offer: Sdp,
    give_up_at: Tick,
}

impl EarlyOffer {
    /// One that has just come.
    pub(super) fn new(key: ServerKey, request: Request, offer: Sdp, now: Now) -> Self {
        EarlyOffer {
            key,
            request,
            offer,
            give_up_at: now.tick + UPDATE_PATIENCE,
        }
    }

    pub(super) fn deadline(&self) -> Tick {
        self.give_up_at
    }

    /// Answers it; what it came to.
    pub(super) fn accept(self, local: Sdp, shared: &mut Shared) -> Agreement {
        manners::accept_update((self.key, &self.request), &[], Some(local.clone()), shared);
        Agreement::by_us(local, self.offer)
    }

    /// Refuses it.
    pub(super) fn refuse(self, status: StatusCode, shared: &mut Shared) {
        let is_refusal = status.is_final() && !status.is_success();
        let status = if is_refusal {
            status
        } else {
            StatusCode::NOT_ACCEPTABLE_HERE
        };
        shared.answer(self.key, &self.request, status);
    }

    /// Refuses it because something else has come first.
    pub(super) fn postpone(self, shared: &mut Shared) {
        shared.answer_later(self.key, &self.request);
        shared.event(Event::OfferWithdrawn);
    }

    /// What brought it, for changes of the remote target.
    pub(super) fn request(&self) -> &Request {
        &self.request
    }
}

impl Invited {
    /// Takes the PRACK to a provisional answer of ours.
    pub(super) fn take_prack(
        mut self: Box<Self>,
        key: ServerKey,
        prack: Request,
        shared: &mut Shared,
        now: Now,
    ) -> State {
        let confirmed = self
            .reliable
            .as_mut()
            .and_then(|reliable| Some((reliable.confirm(&prack)?, reliable)));
        let Some((confirmed, reliable)) = confirmed else {
            shared.answer(key, &prack, StatusCode::CALL_DOES_NOT_EXIST);
            return State::Invited(self);
        };
        let said = std::mem::take(reliable.said());
        let offer = match (confirmed, said, prack.sdp(), &self.offer) {
            (Confirmed::Described, Said::Offer(local), Some(remote), _) => {
                *reliable.said() = Said::All(Agreement::by_them(local, remote.clone()));
                shared.event(Event::OfferAnswered { sdp: remote });
                None
            }
            (Confirmed::Described, Said::Offer(_), None, _) => {
                shared.answer(key, &prack, StatusCode::OK);
                let status = StatusCode::NOT_ACCEPTABLE_HERE;
                let ended = Ended::new(EndedBy::Failure(Breakdown::Protocol)).with_status(status);
                return self.reject(ended, status, &[], shared);
            }
            (Confirmed::Described, Said::Answer(local), sdp, Some(remote)) => {
                *reliable.said() = Said::All(Agreement::by_us(local, remote.clone()));
                sdp
            }
            (Confirmed::Described | Confirmed::Bare, said, sdp, _) => {
                let is_all = matches!(said, Said::All(_));
                *reliable.said() = said;
                sdp.filter(|_| is_all)
            }
        };
        match offer.filter(|_| self.proposal.is_none()) {
            Some(offer) => self.propose(key, prack, offer, shared, now),
            None => shared.answer(key, &prack, StatusCode::OK),
        }
        if let Some(reliable) = &mut self.reliable {
            reliable.release((self.key, &self.invite), shared, now);
        }
        self.proceed(shared, now)
    }

    /// Takes an UPDATE with an offer.
    pub(super) fn take_update(&mut self, key: ServerKey, update: Request, shared: &mut Shared, now: Now) {
        let (Some(offer), Some(reliable)) = (update.sdp(), &mut self.reliable) else {
            return shared.answer_later(key, &update);
        };
        match reliable.said() {
            Said::All(_) if self.proposal.is_none() => self.propose(key, update, offer, shared, now),
            Said::Offer(_) => shared.answer(key, &update, StatusCode::REQUEST_PENDING),
            Said::All(_) | Said::Answer(_) | Said::Nothing => shared.answer_later(key, &update),
        }
    }

    fn propose(&mut self, key: ServerKey, request: Request, offer: Sdp, shared: &mut Shared, now: Now) {
        self.proposal = Some(EarlyOffer::new(key, request, offer.clone(), now));
        shared.event(Event::Offered {
            sdp: Some(offer),
            by: OfferBy::Update,
        });
    }

    pub(super) fn answer_offer(&mut self, local: Sdp, shared: &mut Shared) {
        if let (Some(proposal), Some(reliable)) = (self.proposal.take(), &mut self.reliable) {
            self.dialog.refresh_target(proposal.request());
            *reliable.said() = Said::All(proposal.accept(local, shared));
        }
    }

    pub(super) fn refuse_offer(&mut self, status: StatusCode, shared: &mut Shared) {
        if let Some(proposal) = self.proposal.take() {
            proposal.refuse(status, shared);
        }
    }

    /// Something else has come first.
    pub(super) fn drop_proposal(&mut self, shared: &mut Shared) {
        if let Some(proposal) = self.proposal.take() {
            proposal.postpone(shared);
        }
    }

    pub(super) fn proposal_times_out(&mut self, shared: &mut Shared, now: Now) {
        if let Some(proposal) = self.proposal.take_if(|proposal| proposal.deadline() <= now.tick) {
            proposal.refuse(StatusCode::SERVER_TIMEOUT, shared);
            shared.event(Event::OfferWithdrawn);
        }
    }
}
