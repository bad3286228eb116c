//! One side sends the other on to somebody else: blind transfer (RFC 3515, RFC 5589 §6, A03).
//!
//! | stage     | decided: ring         | decided: not   | somebody answers       | nobody answers              |
//! |-----------|-----------------------|----------------|------------------------|-----------------------------|
//! | Asked     | 202, ring → Ringing   | refuse         | –                      | –                           |
//! | Ringing   | –                     | –              | tell, → Done           | tell; back, or → Recalling  |
//! | Recalling | ring                  | end            | it is over             | end                         |
//! | Done      | –                     | –              | –                      | –                           |
//!
//! Whoever is sent on is never lost: if nobody takes the call, whoever sent it has it back, and is rung for it after
//! having hung up meanwhile.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{CallEvent, Destination, HangupCause, LegId};
use wigwag_sansio::{Now, Tick};
use wigwag_sip::{
    session::{Command, Event, Referral, ReferralId},
    wire::{StatusCode, header::Replaces},
};

use super::{
    CALLER, Call, Leg, MediaCommand, NoPlace, Note, Output, Phase, Prompt, Question, Sought,
    answering::closing_command, offer::CallerOffer, talking::Talking,
};
use crate::routing::{Attempt, Called, Decision, Plan, Treatment};

/// How long whoever has sent a call on may take to hang up.
const LEAVING: Duration = Duration::from_secs(4);

/// A call that is being sent on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Transfer {
    /// Who sends it on.
    by: LegId,
    /// Who is sent on.
    kept: LegId,
    /// Whom NOTIFYs tell about it; nobody, where keys were pressed instead.
    referral: Option<ReferralId>,
    /// What is being decided, or was decided last.
    attempt: Attempt,
    stage: Stage,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// It is being decided who rings.
    Asked,
    /// Whoever is sent on goes over to the call in which somebody was asked first.
    Joining,
    /// A parking place is being found.
    Parking,
    /// Phones ring.
    Ringing,
    /// Nobody has taken the call: whoever sent it on is rung.
    Recalling,
    /// Somebody has taken it: whoever sent it on hangs up, or is hung up on then.
    Done { leave_at: Tick },
}

impl Call {
    /// Takes what a leg tells if it is about a transfer; gives back what is not.
    pub(super) fn heard_in_transfer(&mut self, id: LegId, event: Event, now: Now) -> Option<Event> {
        if let Event::Referred(referral) = &event {
            self.referred(id, referral, now);
            return None;
        }
        let Some(transfer) = &self.transfer else {
            return Some(event);
        };
        let (by, kept, stage) = (transfer.by, transfer.kept, transfer.stage);
        let rings = matches!(self.phase, Phase::Ringing(_));
        let is_done = matches!(stage, Stage::Done { .. });
        let is_end = matches!(event, Event::Ended(_));
        if is_end && id == by {
            self.transferor_left(now);
            return None;
        }
        if is_end && id == kept && rings {
            self.tell_transferor(StatusCode::REQUEST_TERMINATED, now);
            self.end_leg(kept, HangupCause::NormalClearing, now);
            self.end(HangupCause::NormalClearing, now);
            return None;
        }
        if (id == by && (rings || is_done)) || (id == kept && rings) {
            self.heard_while_waiting(id, event, now);
            return None;
        }
        if let Event::Progress { status, .. } = &event
            && rings
            && *status == StatusCode::RINGING
        {
            self.tell_transferor(*status, now);
        }
        Some(event)
    }

    /// A leg that has answered before waits for others.
    pub(super) fn heard_while_waiting(&mut self, id: LegId, event: Event, now: Now) {
        match event {
            Event::Offered { sdp, by } => self.offered(id, sdp.as_ref(), by, now),
            Event::OfferAnswered { sdp } => self.offer_answered(id, &sdp, now),
            Event::Other { key, .. } => self.refuse_other(id, key, now),
            Event::Confirmed { .. }
            | Event::OfferWithdrawn
            | Event::OfferRefused { .. }
            | Event::Progress { .. }
            | Event::Answered { .. }
            | Event::Digit(_)
            | Event::Info(_)
            | Event::Referred(_)
            | Event::Replied { .. }
            | Event::Ended(_) => {}
        }
    }

    fn referred(&mut self, by: LegId, referral: &Referral, now: Now) {
        match self.begin_transfer(by, referral) {
            Ok(output) => self.outputs.push_back(output),
            Err(status) => {
                let id = referral.id;
                self.command(by, Command::RefuseReferral { id, status }, now);
            }
        }
    }

    fn begin_transfer(&mut self, by: LegId, referral: &Referral) -> Result<Output, StatusCode> {
        if let Some(dialog) = &referral.replaces {
            return self.begin_joining(by, dialog, referral.id);
        }
        let text = referral.target.user().filter(|user| !user.is_empty());
        let question = self.begin_transfer_to(by, text.ok_or(StatusCode::NOT_FOUND)?, Some(referral.id))?;
        Ok(Output::Decide(question))
    }

    /// Whoever sends the other side on has asked somebody first: in another call, which takes it (RFC 5589 §7).
    fn begin_joining(&mut self, by: LegId, dialog: &Replaces, referral: ReferralId) -> Result<Output, StatusCode> {
        if self.transfer.is_some() || self.consult.is_some() || !self.is_settled_talk() {
            return Err(StatusCode::REQUEST_PENDING);
        }
        let kept = self.other(by).ok_or(StatusCode::DECLINE)?;
        self.transfer = Some(Transfer {
            by,
            kept,
            referral: Some(referral),
            attempt: self.attempt.clone(),
            stage: Stage::Joining,
        });
        let (first, second) = (by, kept);
        self.media(MediaCommand::Part { first, second });
        Ok(Output::HandOver {
            leg: kept,
            sought: Sought::Consulted(dialog.clone()),
        })
    }

    /// The other call has taken whoever is sent on.
    pub(super) fn consulted(&mut self, now: Now) {
        if let Some(transfer) = self.transfer.take_if(|transfer| transfer.stage == Stage::Joining) {
            self.is_done(transfer.by, transfer.referral, now);
        }
    }

    /// No other call takes whoever is sent on.
    pub(super) fn not_consulted(&mut self, status: StatusCode, now: Now) {
        let Some(transfer) = self.transfer.take_if(|transfer| transfer.stage == Stage::Joining) else {
            return;
        };
        let (by, kept) = (transfer.by, transfer.kept);
        match transfer.referral {
            Some(id) if self.legs.get(&by).is_some_and(Leg::is_live) => {
                self.command(by, Command::RefuseReferral { id, status }, now);
                let (first, second) = (kept, by);
                self.media(MediaCommand::Bridge { first, second });
            }
            Some(_) | None => self.recall((by, kept, None), HangupCause::NormalClearing, now),
        }
    }

    /// Whoever has sent the other side on is told that all is done, and is out of the call.
    fn is_done(&mut self, by: LegId, referral: Option<ReferralId>, now: Now) {
        if let Some(id) = referral {
            self.command(by, Command::AcceptReferral { id }, now);
            let status = StatusCode::OK;
            self.command(by, Command::TellReferral { id, status }, now);
        }
        self.end_leg(by, HangupCause::NormalClearing, now);
        self.command(by, closing_command(HangupCause::NormalClearing), now);
    }

    /// Whether a leg is being sent on by another one that has not left.
    pub(super) fn is_sending_on(&self) -> bool {
        self.transfer.as_ref().is_some_and(|transfer| match transfer.stage {
            Stage::Asked | Stage::Joining | Stage::Parking | Stage::Ringing | Stage::Recalling => true,
            Stage::Done { .. } => false,
        })
    }

    /// Somebody was sent here by `by`, who has called this number and leaves: the phones ring for `kept` now.
    pub(super) fn rings_for_sent(&mut self, by: LegId, kept: LegId) {
        let attempt = self.attempt_of(kept, self.attempt.called.clone());
        let attempt = attempt.unwrap_or_else(|| self.attempt.clone());
        self.attempt = attempt.clone();
        self.transfer = Some(Transfer {
            by,
            kept,
            referral: None,
            attempt,
            stage: Stage::Ringing,
        });
    }

    /// Whether a parking place is being found for whoever is sent on.
    pub(super) fn is_being_parked(&self) -> bool {
        let transfer = self.transfer.as_ref();
        transfer.is_some_and(|transfer| transfer.stage == Stage::Parking)
    }

    /// One is found, or none.
    pub(super) fn sent_to_park(&mut self, place: Result<u8, NoPlace>, now: Now) {
        if place.is_err() {
            self.set_stage(Stage::Asked);
            return self.transfer_failed(HangupCause::Busy, now);
        }
        let Some(transfer) = self.transfer.take() else { return };
        let (by, kept) = (transfer.by, transfer.kept);
        let (first, second) = (by, kept);
        self.media(MediaCommand::Part { first, second });
        self.is_parked(kept, by, now);
        self.place_found(place, now);
        self.is_done(by, transfer.referral, now);
    }

    fn begin_transfer_to(
        &mut self,
        by: LegId,
        text: SmolStr,
        referral: Option<ReferralId>,
    ) -> Result<Question, StatusCode> {
        if self.transfer.is_some() || self.consult.is_some() || !self.is_settled_talk() {
            return Err(StatusCode::REQUEST_PENDING);
        }
        let kept = self.other(by).ok_or(StatusCode::DECLINE)?;
        let extension = self.legs.get(&by).and_then(|leg| leg.who.extension());
        let called = Called::Transfer {
            by: extension.ok_or(StatusCode::DECLINE)?,
            text,
        };
        let attempt = self.attempt_of(kept, called).ok_or(StatusCode::DECLINE)?;
        self.transfer = Some(Transfer {
            by,
            kept,
            referral,
            attempt: attempt.clone(),
            stage: Stage::Asked,
        });
        Ok(Question::Transfer { attempt })
    }

    /// `**` and a number: whoever pressed them is out of the call as soon as somebody rings.
    pub(super) fn send_on(&mut self, by: LegId, number: SmolStr) {
        if let Ok(question) = self.begin_transfer_to(by, number, None) {
            self.outputs.push_back(Output::Decide(question));
        }
    }

    /// Whoever asked somebody first has hung up while phones ring: they ring for the held one now (A03).
    pub(super) fn rings_for_held(&mut self, (by, kept): (LegId, LegId), attempt: Attempt) {
        let offer = self.legs.get(&kept).and_then(Leg::remote).map(CallerOffer::of_answered);
        let stage = match (&mut self.phase, offer) {
            (Phase::Ringing(ringing), Some(offer)) => {
                ringing.waiter = kept;
                ringing.offer = offer;
                Stage::Ringing
            }
            _ => Stage::Asked,
        };
        self.transfer = Some(Transfer {
            by,
            kept,
            referral: None,
            attempt,
            stage,
        });
        self.media(MediaCommand::Play {
            leg: kept,
            prompt: Prompt::Ringback,
        });
    }

    /// Whoever asked somebody first has hung up, and nobody has answered: it is rung for the held one.
    pub(super) fn rings_back(&mut self, (by, kept): (LegId, LegId), now: Now) {
        self.media(MediaCommand::Play {
            leg: kept,
            prompt: Prompt::Ringback,
        });
        self.recall((by, kept, None), HangupCause::NoAnswer, now);
    }

    /// That a leg is sent to somebody.
    fn attempt_of(&self, kept: LegId, called: Called) -> Option<Attempt> {
        let caller = if kept == CALLER {
            self.attempt.caller.clone()
        } else {
            self.legs.get(&kept)?.as_caller()
        };
        Some(Attempt { caller, called })
    }

    /// It has been decided who rings.
    pub(super) fn transfer_decided(&mut self, decision: Decision, now: Now) {
        let Some(transfer) = &self.transfer else { return };
        let (by, kept, id, stage) = (transfer.by, transfer.kept, transfer.referral, transfer.stage);
        let attempt = transfer.attempt.clone();
        let offer = self.legs.get(&kept).and_then(Leg::remote).map(CallerOffer::of_answered);
        match (decision.plan, offer) {
            (Plan::Ring(ring), Some(offer)) => {
                self.attempt = attempt;
                if stage == Stage::Asked {
                    self.set_stage(Stage::Ringing);
                    self.note(Note::SentOn { leg: kept });
                    match id {
                        Some(id) => self.command(by, Command::AcceptReferral { id }, now),
                        None => {
                            self.end_leg(by, HangupCause::NormalClearing, now);
                            self.command(by, closing_command(HangupCause::NormalClearing), now);
                        }
                    }
                    self.media(MediaCommand::Part {
                        first: by,
                        second: kept,
                    });
                    self.media(MediaCommand::Play {
                        leg: kept,
                        prompt: Prompt::Ringback,
                    });
                }
                self.ring_for(kept, ring, offer, now);
            }
            (Plan::Treat(Treatment::Park { place }), Some(_)) if stage == Stage::Asked => {
                self.set_stage(Stage::Parking);
                self.outputs.push_back(Output::Park { wish: place });
            }
            (Plan::Reject(cause), _) => self.transfer_failed(cause, now),
            (Plan::Ring(_) | Plan::Treat(_), _) => self.transfer_failed(HangupCause::NotAvailable, now),
        }
    }

    /// Nobody takes the call: whoever sent it on has it back, or is rung for it.
    pub(super) fn transfer_failed(&mut self, cause: HangupCause, now: Now) {
        let Some(transfer) = self.transfer.take() else { return };
        let Transfer {
            by,
            kept,
            referral: id,
            stage,
            attempt: _,
        } = transfer;
        let status = StatusCode::new(cause.sip_status()).unwrap_or(StatusCode::TEMPORARILY_UNAVAILABLE);
        let told = match (stage, id) {
            (Stage::Asked, Some(id)) => Some(Command::RefuseReferral { id, status }),
            (Stage::Ringing, Some(id)) => Some(Command::TellReferral { id, status }),
            (Stage::Asked | Stage::Ringing, None) => None,
            (Stage::Recalling, _) => return self.end(cause, now),
            (Stage::Done { .. } | Stage::Joining | Stage::Parking, _) => return,
        };
        match told {
            Some(told) => self.command(by, told, now),
            None if stage == Stage::Asked => {
                let prompt = Prompt::NobodyAnswers(cause);
                self.media(MediaCommand::Play { leg: by, prompt });
            }
            None => {}
        }
        if !self.legs.get(&by).is_some_and(Leg::is_live) {
            return self.recall((by, kept, id), cause, now);
        }
        if stage == Stage::Ringing {
            self.phase = Phase::Talking(Talking::between(kept, by));
            self.media(MediaCommand::Stop { leg: kept });
            let (first, second) = (kept, by);
            self.media(MediaCommand::Bridge { first, second });
            self.journal(CallEvent::Bridged { first, second }, now);
        }
    }

    /// Rings the extension of whoever has sent the call on and hung up (A03).
    fn recall(&mut self, (by, kept, referral): (LegId, LegId, Option<ReferralId>), cause: HangupCause, now: Now) {
        let extension = self.legs.get(&by).and_then(|leg| leg.who.extension());
        let called = extension.map(|id| Called::Destination(Destination::Extension(id)));
        let Some(attempt) = called.and_then(|called| self.attempt_of(kept, called)) else {
            return self.end(cause, now);
        };
        self.note(Note::Recalled { leg: by });
        self.transfer = Some(Transfer {
            by,
            kept,
            referral,
            attempt: attempt.clone(),
            stage: Stage::Recalling,
        });
        self.outputs.push_back(Output::Decide(Question::Transfer { attempt }));
    }

    /// Somebody has taken the call.
    pub(super) fn transfer_taken(&mut self, now: Now) {
        let Some(transfer) = &self.transfer else { return };
        let by = transfer.by;
        self.tell_transferor(StatusCode::OK, now);
        if self.legs.get(&by).is_some_and(Leg::is_live) {
            let leave_at = now.tick + LEAVING;
            self.set_stage(Stage::Done { leave_at });
        } else {
            self.transfer = None;
        }
    }

    /// Whoever sends the call on hangs up: the call goes on.
    fn transferor_left(&mut self, now: Now) {
        let Some(Transfer { by, stage, .. }) = &self.transfer else {
            return;
        };
        let (by, stage) = (*by, *stage);
        self.end_leg(by, HangupCause::NormalClearing, now);
        if let Stage::Done { .. } = stage {
            self.transfer = None;
        }
    }

    /// Whoever has sent the call on and does not hang up is hung up on.
    pub(super) fn transferor_is_sent_home(&mut self, now: Now) {
        if let Some(Transfer { by, .. }) = self.transfer.take_if(|transfer| transfer.is_due(now)) {
            self.end_leg(by, HangupCause::NormalClearing, now);
            self.command(by, closing_command(HangupCause::NormalClearing), now);
        }
    }

    /// When that is due.
    pub(super) fn transfer_deadline(&self) -> Option<Tick> {
        match self.transfer.as_ref()?.stage {
            Stage::Done { leave_at } => Some(leave_at),
            Stage::Asked | Stage::Joining | Stage::Parking | Stage::Ringing | Stage::Recalling => None,
        }
    }

    /// Who is being called for, as others see them.
    pub(super) fn shown_caller(&self) -> &wigwag_model::Party {
        let is_called = |id| id != CALLER && self.adopted_caller != Some(id);
        let is_callee = self.transfer.as_ref().is_some_and(|transfer| is_called(transfer.kept));
        self.callee.as_ref().filter(|_| is_callee).unwrap_or(&self.caller)
    }

    fn tell_transferor(&mut self, status: StatusCode, now: Now) {
        if let Some(transfer) = self
            .transfer
            .as_ref()
            .filter(|transfer| transfer.stage == Stage::Ringing)
        {
            let by = transfer.by;
            if let Some(id) = transfer.referral {
                self.command(by, Command::TellReferral { id, status }, now);
            }
        }
    }

    fn set_stage(&mut self, stage: Stage) {
        if let Some(transfer) = &mut self.transfer {
            transfer.stage = stage;
        }
    }
}

impl Transfer {
    fn is_due(&self, now: Now) -> bool {
        matches!(self.stage, Stage::Done { leave_at } if leave_at <= now.tick)
    }
}
