//! Somebody or something answers, and the caller is joined to it.

use wigwag_model::{CallEvent, HangupCause, LegId};
use wigwag_sansio::Now;
use wigwag_sip::{
    sdp::{Capabilities, Direction},
    session::{Command, Sdp},
    wire::{StatusCode, header::Reason},
};

use super::{CALLER, Call, Leg, MediaCommand, Note, Phase, Progress, leg, offer::CallerOffer, talking::Talking};

impl Call {
    /// A phone has answered: it wins if its sound can be joined to the caller's.
    pub(super) fn answered(&mut self, id: LegId, sdp: Option<Sdp>, now: Now) {
        let Some(side) = self.take_answer(id, sdp) else {
            self.note(Note::BadDescription { leg: id });
            self.end_leg(id, HangupCause::NoCommonCodec, now);
            self.command(id, closing_command(HangupCause::NoCommonCodec), now);
            if let Some(arm) = self.legs.get(&id).and_then(|leg| leg.arm) {
                self.phone_fell_out(arm, HangupCause::NoCommonCodec, now);
            }
            return;
        };
        if self.is_screened(id) {
            self.screen(id, now);
        } else {
            self.wins(id, side, now);
        }
    }

    /// A leg has answered, or answers what rings elsewhere: nobody else rings any more.
    pub(super) fn wins(&mut self, id: LegId, (capabilities, direction): (Capabilities, Direction), now: Now) {
        let Phase::Ringing(ringing) = &self.phase else { return };
        let (waiter, offer) = (ringing.waiter, ringing.offer.clone());
        self.phase = Phase::Talking(Talking::between(waiter, id));
        self.set_answered(id, now);
        self.end_others(id, now);
        let was_told = match &offer {
            CallerOffer::Answered(_) => {
                self.media(MediaCommand::Stop { leg: waiter });
                true
            }
            CallerOffer::Made { .. } | CallerOffer::Asked => {
                let caller = self.legs.get(&waiter);
                let was_described = caller.is_some_and(|caller| caller.session.has_described());
                self.answer_caller(&offer, &capabilities, direction, now);
                was_described
            }
        };
        if let Phase::Talking(_) = self.phase {
            self.configure(id);
            let (first, second) = (waiter, id);
            self.media(MediaCommand::Bridge { first, second });
            self.journal(CallEvent::Bridged { first, second }, now);
            if was_told {
                self.tell_other(id, now);
            }
            self.transfer_taken(now);
            self.consult_taken(id);
            self.listen();
        }
    }

    /// The keys of the company's own phones may be codes.
    pub(super) fn listen(&mut self) {
        let ours = |(id, leg): (&LegId, &Leg)| {
            (leg.progress == Progress::Answered && leg.who.device().is_some()).then_some(*id)
        };
        let legs: Vec<LegId> = self.legs.iter().filter_map(ours).collect();
        legs.into_iter()
            .for_each(|leg| self.media(MediaCommand::Listen { leg }));
    }

    /// What the phone can take, and who sends as the phone sees it.
    pub(super) fn take_answer(&mut self, id: LegId, sdp: Option<Sdp>) -> Option<(Capabilities, Direction)> {
        let phone = self.legs.get_mut(&id)?;
        if let Some(sdp) = sdp {
            phone.sdp.accept_answer(&leg::read(&sdp)?).ok()?;
        }
        Some((phone.sdp.agreement()?.send.clone(), phone.remote()?.direction))
    }

    pub(super) fn answer_caller(
        &mut self,
        offer: &CallerOffer,
        capabilities: &Capabilities,
        direction: Direction,
        now: Now,
    ) {
        let Some(sdp) = self
            .legs
            .get_mut(&CALLER)
            .and_then(|caller| describe(caller, offer, capabilities, direction))
        else {
            self.end(HangupCause::NoCommonCodec, now);
            return;
        };
        self.set_answered(CALLER, now);
        self.configure(CALLER);
        self.command(
            CALLER,
            Command::Accept {
                sdp,
                headers: Vec::new(),
            },
            now,
        );
    }

    pub(super) fn set_answered(&mut self, id: LegId, now: Now) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.progress = Progress::Answered;
            leg.arm = None;
            self.journal(CallEvent::LegAnswered { leg: id }, now);
        }
    }

    /// All other phones stop ringing, and know why, so that they show no missed call (RFC 3326).
    fn end_others(&mut self, winner: LegId, now: Now) {
        let others = self
            .legs
            .iter()
            .filter(|(id, leg)| ![CALLER, winner].contains(id) && leg.is_live() && leg.progress != Progress::Answered);
        let others: Vec<LegId> = others.map(|(id, _)| *id).collect();
        for id in others {
            self.end_leg(id, HangupCause::AnsweredElsewhere, now);
            let reasons = vec![Reason::sip(StatusCode::OK, "Call completed elsewhere")];
            self.command(id, Command::End { status: None, reasons }, now);
        }
    }

    /// Tells the media plane what was agreed for a leg, if anything was.
    pub(super) fn configure(&mut self, id: LegId) {
        if let Some(agreement) = self.legs.get(&id).and_then(|leg| leg.sdp.agreement()) {
            let agreement = Box::new(agreement.clone());
            self.media(MediaCommand::Configure { leg: id, agreement });
        }
    }
}

/// Our answer to the caller's offer, or our offer where the caller made none. What was said reliably before stands.
pub(super) fn describe(
    caller: &mut Leg,
    offer: &CallerOffer,
    capabilities: &Capabilities,
    direction: Direction,
) -> Option<Sdp> {
    if caller.session.has_described() {
        return caller.sdp.local().map(leg::write);
    }
    let description = match offer {
        CallerOffer::Made { description, .. } => {
            let local = caller.local_answer(direction)?;
            caller.sdp.answer(description, &local, capabilities).ok()?
        }
        CallerOffer::Answered(_) => return None,
        CallerOffer::Asked => {
            let local = caller.local_offer(direction)?;
            caller.sdp.offer(&local, capabilities)
        }
    };
    Some(leg::write(&description))
}

/// Ends a leg for `cause`: the status should it not be answered yet, and the reason in both cases.
pub(super) fn closing_command(cause: HangupCause) -> Command {
    let words = if cause == HangupCause::NormalClearing {
        "Normal call clearing"
    } else {
        cause.words()
    };
    Command::End {
        status: StatusCode::new(cause.sip_status()).ok(),
        reasons: vec![Reason::q850(cause.q850(), words)],
    }
}
