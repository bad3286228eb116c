//! The call that a leg joins.

use wigwag_model::{CallEvent, HangupCause, LegId, LegRole};
use wigwag_sansio::Now;
use wigwag_sip::{
    sdp::{Capabilities, Direction},
    session::Command,
    wire::{StatusCode, header::Replaces},
};

use super::{Purpose, Released, Rings};
use crate::{
    call::{
        Call, Leg, MediaCommand, Note, Phase, Progress, Prompt,
        answering::{closing_command, describe},
        offer::CallerOffer,
        talking::Talking,
    },
    routing::{Stage, Target},
};

/// Where a leg joins.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Beside one that talks, or is parked.
    Beside { stays: LegId, leaves: Option<LegId> },
    /// Where somebody waits for an answer.
    Waiting { leaves: LegId },
    /// Where phones ring.
    Answering,
    /// Where somebody is parked.
    Parked { leaves: LegId },
}

impl Call {
    /// Takes a leg of another call for `purpose`, and tells its number here.
    ///
    /// # Errors
    /// With the leg, and the SIP status that says why it cannot join.
    pub fn adopt(
        &mut self,
        mut released: Box<Released>,
        purpose: &Purpose,
        now: Now,
    ) -> Result<LegId, (Box<Released>, StatusCode)> {
        let described = self.place_for(purpose, &released).and_then(|place| {
            let description = self.describe_to(&mut released, place)?;
            Ok((place, description))
        });
        let (place, description) = match described {
            Ok(described) => described,
            Err(status) => return Err((released, status)),
        };
        let Released { mut leg, party, offer } = *released;
        let id = self.new_leg_id();
        leg.arm = None;
        leg.silent = std::time::Duration::ZERO;
        self.legs.insert(id, leg);
        let role = self.role_at(place);
        self.journal_start(id, role, now);
        match role {
            LegRole::Caller => {
                self.adopted_caller = Some(id);
                self.caller = party.clone();
                self.journal(CallEvent::CallerChanged { caller: party }, now);
            }
            LegRole::Callee => {
                self.callee = Some(party.clone());
                self.journal(CallEvent::Addressed { callee: party }, now);
            }
        }
        self.note(Note::Joins { leg: id });
        if let Some(sdp) = description {
            let headers = Vec::new();
            self.command(id, Command::Accept { sdp, headers }, now);
        }
        match place {
            Place::Beside { stays, leaves } => self.joined_beside(id, (stays, leaves), &offer, now),
            Place::Waiting { leaves } => self.waits_instead(id, leaves, offer, now),
            Place::Answering => self.picks_up(id, now),
            Place::Parked { leaves } => self.is_parked_instead(id, leaves, now),
        }
        self.settle(now);
        Ok(id)
    }

    /// Whether and where this call rings so that somebody else may answer it (A08): not where it is for somebody
    /// outside, or whoever answers is asked to accept it.
    pub fn ringing(&self) -> Option<Rings> {
        let Phase::Ringing(ringing) = &self.phase else {
            return None;
        };
        let mut at = Vec::new();
        for arm in ringing.arms().filter(|arm| !arm.screening) {
            match arm.target {
                Target::Extension(id) => at.extend([Some(id), arm.extension].into_iter().flatten()),
                Target::Outside(_) => {}
            }
        }
        let group = match ringing.course().stage {
            Stage::RingGroup(id) => Some(id),
            Stage::Start | Stage::Extension(_) | Stage::Member(_) | Stage::Outside => None,
        };
        let since = ringing.since;
        (!at.is_empty()).then_some(Rings { since, at, group })
    }

    fn place_for(&self, purpose: &Purpose, released: &Released) -> Result<Place, StatusCode> {
        let unknown = Err(StatusCode::CALL_DOES_NOT_EXIST);
        match purpose {
            Purpose::Replace { leg, dialog, is_sent } => self.place_of(*leg, dialog, *is_sent, released),
            Purpose::PickUp(which) => match self.ringing() {
                Some(rings) if rings.is_wanted(which) => Ok(Place::Answering),
                Some(_) | None => unknown,
            },
            Purpose::Fetch(place) => match &self.phase {
                Phase::Parked(parked) if parked.place == Some(*place) => Ok(Place::Beside {
                    stays: parked.leg,
                    leaves: None,
                }),
                Phase::Attempted
                | Phase::Starting(_)
                | Phase::Ringing(_)
                | Phase::Talking(_)
                | Phase::Treating(_)
                | Phase::Joining(_)
                | Phase::Parked(_)
                | Phase::Closing(_)
                | Phase::Over => unknown,
            },
        }
    }

    /// RFC 3891 §3: the dialog has to be this one, and in a state that fits.
    fn place_of(&self, id: LegId, dialog: &Replaces, is_sent: bool, released: &Released) -> Result<Place, StatusCode> {
        let leg = self.legs.get(&id).filter(|leg| is_named(leg, dialog));
        let leg = leg.ok_or(StatusCode::CALL_DOES_NOT_EXIST)?;
        if !leg.is_live() {
            return Err(StatusCode::DECLINE);
        }
        if self.consult.is_some() || self.is_sending_on() {
            return Err(StatusCode::BUSY_HERE);
        }
        let is_answered = leg.progress == Progress::Answered;
        if is_answered && dialog.is_early_only() {
            return Err(StatusCode::BUSY_HERE);
        }
        match &self.phase {
            Phase::Talking(_) => {
                let stays = self.other(id).ok_or(StatusCode::CALL_DOES_NOT_EXIST)?;
                Ok(Place::Beside {
                    stays,
                    leaves: Some(id),
                })
            }
            Phase::Parked(parked) if parked.leg == id && released.is_answered() => Ok(Place::Parked { leaves: id }),
            Phase::Ringing(ringing) if ringing.waiter == id && is_sent && released.is_answered() => {
                Ok(Place::Waiting { leaves: id })
            }
            // Only the dialogs that we have begun may be replaced early.
            Phase::Ringing(_) if leg.arm.is_some() && self.ringing().is_some() => Ok(Place::Answering),
            Phase::Attempted
            | Phase::Starting(_)
            | Phase::Ringing(_)
            | Phase::Treating(_)
            | Phase::Joining(_)
            | Phase::Parked(_)
            | Phase::Closing(_)
            | Phase::Over => Err(StatusCode::CALL_DOES_NOT_EXIST),
        }
    }

    fn role_at(&self, place: Place) -> LegRole {
        let role_of = |id| {
            if self.is_caller(id) {
                LegRole::Caller
            } else {
                LegRole::Callee
            }
        };
        match place {
            Place::Beside { leaves: Some(id), .. } | Place::Parked { leaves: id } => role_of(id),
            Place::Waiting { .. } => LegRole::Caller,
            Place::Beside { leaves: None, .. } | Place::Answering => LegRole::Callee,
        }
    }

    /// What a leg that has not been answered is to be answered with; nothing, where it has been.
    fn describe_to(
        &self,
        released: &mut Released,
        place: Place,
    ) -> Result<Option<wigwag_sip::session::Sdp>, StatusCode> {
        if released.is_answered() {
            return Ok(None);
        }
        let (capabilities, direction) = match (place, &self.phase) {
            (Place::Beside { stays, .. }, _) => self.side_of(stays).unwrap_or_else(|| own_side(&released.offer)),
            (Place::Answering, Phase::Ringing(ringing)) => (ringing.offer.capabilities(), ringing.offer.direction()),
            (Place::Answering | Place::Waiting { .. } | Place::Parked { .. }, _) => own_side(&released.offer),
        };
        let description = describe(&mut released.leg, &released.offer, &capabilities, direction);
        description.map(Some).ok_or(StatusCode::NOT_ACCEPTABLE_HERE)
    }

    /// What whoever speaks with a leg is told of it.
    pub(in crate::call) fn side_of(&self, id: LegId) -> Option<(Capabilities, Direction)> {
        let leg = self.legs.get(&id)?;
        Some((leg.sdp.agreement()?.send.clone(), leg.allowed_direction()))
    }

    fn joined_beside(&mut self, id: LegId, (stays, leaves): (LegId, Option<LegId>), offer: &CallerOffer, now: Now) {
        self.give_up_exchange(stays, now);
        match leaves {
            Some(leaves) => {
                self.media(MediaCommand::Part {
                    first: leaves,
                    second: stays,
                });
                self.leaves(leaves, now);
            }
            None => self.leaves_its_place(stays),
        }
        self.set_answered(id, now);
        self.configure(id);
        let (first, second) = (stays, id);
        self.media(MediaCommand::Bridge { first, second });
        self.journal(CallEvent::Bridged { first, second }, now);
        self.phase = Phase::Talking(Talking::between(stays, id));
        self.listen();
        let was_answered = matches!(offer, CallerOffer::Answered(_));
        self.match_up(was_answered.then_some(id).into_iter().chain([stays]).collect(), now);
    }

    /// Somebody is sent to a call that rings: the phones ring for them from now on.
    fn waits_instead(&mut self, id: LegId, leaves: LegId, offer: CallerOffer, now: Now) {
        let Phase::Ringing(ringing) = &mut self.phase else {
            return;
        };
        ringing.waiter = id;
        ringing.offer = offer;
        if let Some(early) = ringing.early.take() {
            self.media(MediaCommand::Part {
                first: leaves,
                second: early,
            });
        }
        self.set_answered(id, now);
        self.configure(id);
        self.media(MediaCommand::Play {
            leg: id,
            prompt: Prompt::Ringback,
        });
        self.rings_for_sent(leaves, id);
        self.end_leg(leaves, HangupCause::NormalClearing, now);
        let status = Some(StatusCode::REQUEST_TERMINATED);
        let reasons = Vec::new();
        self.command(leaves, Command::End { status, reasons }, now);
    }

    /// Somebody else answers.
    fn picks_up(&mut self, id: LegId, now: Now) {
        let Phase::Ringing(ringing) = &self.phase else { return };
        let known = self.legs.get(&id).and_then(|leg| {
            let direction = leg.remote()?.direction;
            Some((leg.sdp.agreement()?.send.clone(), direction))
        });
        let side = known.unwrap_or_else(|| (ringing.offer.capabilities(), Direction::SendRecv));
        self.wins(id, side, now);
    }

    fn leaves(&mut self, id: LegId, now: Now) {
        self.end_leg(id, HangupCause::NormalClearing, now);
        self.command(id, closing_command(HangupCause::NormalClearing), now);
    }

    fn is_parked_instead(&mut self, id: LegId, leaves: LegId, now: Now) {
        if let Phase::Parked(parked) = &mut self.phase {
            parked.leg = id;
            parked.by = leaves;
        }
        self.leaves(leaves, now);
        self.set_answered(id, now);
        self.configure(id);
        self.media(MediaCommand::Play {
            leg: id,
            prompt: Prompt::HoldMusic,
        });
    }
}

/// Whether `dialog` is a leg's; of a phone that has not answered only our side is known to everybody.
fn is_named(leg: &Leg, dialog: &Replaces) -> bool {
    let key = leg.session.key();
    key.call_id == *dialog.call_id()
        && key.local_tag == dialog.to_tag()
        && leg.session.remote_tag().is_none_or(|tag| tag == dialog.from_tag())
}

fn own_side(offer: &CallerOffer) -> (Capabilities, Direction) {
    (offer.capabilities(), Direction::SendRecv)
}
