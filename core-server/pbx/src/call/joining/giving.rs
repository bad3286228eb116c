//! The call that a leg leaves.

use serde::{Deserialize, Serialize};
use wigwag_model::{CallId, HangupCause, LegId, Party};
use wigwag_sansio::Now;
use wigwag_sip::{
    session::{Command, Event},
    wire::StatusCode,
};

use super::{Released, Sought};
use crate::{
    call::{CALLER, Call, Note, Output, Phase, answering::closing_command, closing::Closing, offer::CallerOffer},
    routing::Saying,
};

/// How often another ringing call is looked for, when the first one was answered at the same moment.
const TRIES: u8 = 3;

/// The caller wants to join another call, and has not been answered.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::call) struct Joining {
    offer: CallerOffer,
    sought: Sought,
    tries_left: u8,
}

impl Call {
    /// Takes a leg out of this call to give it to another one; [`Input::HandedOver`](crate::call::Input::HandedOver)
    /// or [`Call::take_back`] has to follow.
    pub fn release(&mut self, id: LegId) -> Option<Released> {
        let leg = self.legs.get(&id).filter(|leg| leg.is_live() && self.away.is_none())?;
        let offer = match &self.phase {
            Phase::Joining(joining) => joining.offer.clone(),
            Phase::Talking(_) => CallerOffer::of_answered(leg.remote()?),
            Phase::Attempted
            | Phase::Starting(_)
            | Phase::Ringing(_)
            | Phase::Treating(_)
            | Phase::Parked(_)
            | Phase::Closing(_)
            | Phase::Over => return None,
        };
        let party = self.party_of(id);
        let leg = self.legs.remove(&id)?;
        self.away = Some(id);
        Some(Released { leg, party, offer })
    }

    /// The other call did not take the leg: `status` says why.
    pub fn take_back(&mut self, id: LegId, released: Released, status: StatusCode, now: Now) {
        self.away = None;
        self.legs.insert(id, released.leg);
        match self.phase {
            Phase::Closing(_) | Phase::Over => {
                self.end_leg(id, HangupCause::NormalClearing, now);
                self.command(id, closing_command(HangupCause::NormalClearing), now);
            }
            Phase::Attempted
            | Phase::Starting(_)
            | Phase::Ringing(_)
            | Phase::Talking(_)
            | Phase::Treating(_)
            | Phase::Joining(_)
            | Phase::Parked(_) => self.not_taken(id, status, now),
        }
        self.settle(now);
    }

    /// The caller wants to join another call.
    pub(in crate::call) fn seek(&mut self, sought: Sought, offer: &CallerOffer) {
        self.phase = Phase::Joining(Joining {
            offer: offer.clone(),
            sought: sought.clone(),
            tries_left: TRIES,
        });
        self.outputs.push_back(Output::HandOver { leg: CALLER, sought });
    }

    /// The other call has taken the leg; what is left of this one goes.
    pub(in crate::call) fn handed_over(&mut self, into: CallId, now: Now) {
        self.away = None;
        self.note(Note::Merged { into });
        self.consulted(now);
        if matches!(self.phase, Phase::Closing(_) | Phase::Over) {
            return;
        }
        self.close(Closing::merged(into, now), HangupCause::NormalClearing, now);
    }

    /// No other call takes the leg, which stays here.
    pub(in crate::call) fn not_taken(&mut self, id: LegId, status: StatusCode, now: Now) {
        self.note(Note::NotMerged {
            leg: id,
            status: status.as_u16(),
        });
        let Phase::Joining(joining) = &mut self.phase else {
            return self.not_consulted(status, now);
        };
        let (sought, offer) = (joining.sought.clone(), joining.offer.clone());
        match sought {
            Sought::Ringing(_) if status != StatusCode::NOT_FOUND && joining.tries_left > 0 => {
                joining.tries_left -= 1;
                self.outputs.push_back(Output::HandOver { leg: id, sought });
            }
            Sought::Ringing(_) => self.only_say(Saying::NobodyRings, &offer, now),
            Sought::Parked(_) => self.only_say(Saying::NobodyParked, &offer, now),
            Sought::Dialog(_) | Sought::Consulted(_) | Sought::Lamp(_) => {
                let cause = HangupCause::from_sip_status(status.as_u16());
                self.end_leg(id, cause, now);
                let headers = Vec::new();
                self.command(id, Command::Reject { status, headers }, now);
                self.end(cause, now);
            }
        }
    }

    /// The caller may give up before the other call is found.
    pub(in crate::call) fn heard_while_joining(&mut self, id: LegId, event: &Event, now: Now) {
        if let Event::Ended(_) = event {
            self.end_leg(id, HangupCause::CallerGaveUp, now);
            self.end(HangupCause::CallerGaveUp, now);
        }
    }

    /// Whoever is at the other end of a leg, as others see them.
    fn party_of(&self, id: LegId) -> Party {
        let is_caller = self.is_caller(id);
        let callee = self.callee.as_ref().filter(|_| !is_caller);
        callee.unwrap_or(&self.caller).clone()
    }

    /// Whether a leg is the caller's: the first one, or the one that has taken its place.
    pub(in crate::call) fn is_caller(&self, id: LegId) -> bool {
        id == self.adopted_caller.unwrap_or(CALLER)
    }
}
