//! The first step: the attempt is recorded, and what was decided is begun.

use serde::{Deserialize, Serialize};
use wigwag_model::{CallEvent, HangupCause, LegId, LegRole};
use wigwag_sansio::{Now, Pii};
use wigwag_sip::{sdp::Negotiation, session::Event, wire::header::Replaces};

use super::{
    CALLER, Call, Leg, MediaCommand, Note, Origin, Phase, Ports, Progress, Sought, Sound, leg::Encryption,
    offer::CallerOffer,
};
use crate::{presence::PickUp, registrar::Reach, routing::Plan};

/// The caller's ports are being opened.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Starting {
    plan: Plan,
    offer: CallerOffer,
    /// The dialog that the caller wants to replace (RFC 3891), instead of what was decided.
    replaces: Option<Replaces>,
}

impl Call {
    /// A call that has just been attempted; its first outputs are ready.
    pub fn new(origin: Origin, now: Now) -> Self {
        let Origin {
            session,
            invitation,
            reach,
            who,
            decision,
            mut entropy,
            ..
        } = origin;
        let caller = Leg {
            session,
            reach: reach.clone(),
            is_lost: false,
            arm: None,
            contact: None,
            who,
            called: None,
            has_rung: false,
            answers_by: None,
            progress: Progress::Started,
            sdp: Negotiation::new(entropy.fork()),
            encryption: Encryption::Accepted,
            sound: Sound::None,
            silent: std::time::Duration::ZERO,
            holds: false,
        };
        let offer = CallerOffer::read(&invitation);
        let mut call = Call {
            caller: origin.caller.clone(),
            callee: decision.callee.clone(),
            attempt: origin.attempt,
            domain: origin.domain,
            max_forwards: origin.max_forwards,
            headers: origin.headers,
            entropy,
            started: now.tick,
            sequence: 0,
            next_leg: LegId(1),
            legs: [(CALLER, caller)].into(),
            phase: Phase::Attempted,
            transfer: None,
            consult: None,
            pressed: None,
            adopted_caller: None,
            away: None,
            outputs: Default::default(),
        };
        let (caller, dialled, direction) = (origin.caller, origin.dialled, origin.direction);
        let dialled = Pii::new(dialled.expose().to_string());
        call.journal(
            CallEvent::Attempted {
                caller,
                dialled,
                direction,
            },
            now,
        );
        call.journal_start(CALLER, LegRole::Caller, now);
        if let Some(callee) = decision.callee {
            call.journal(CallEvent::Addressed { callee }, now);
        }
        call.begin((decision.plan, invitation.replaces), offer, reach, now);
        call.settle(now);
        call
    }

    fn begin(
        &mut self,
        (plan, replaces): (Plan, Option<Replaces>),
        offer: Option<CallerOffer>,
        reach: Reach,
        now: Now,
    ) {
        let Some(offer) = offer else {
            self.note(Note::BadDescription { leg: CALLER });
            self.end(HangupCause::NoCommonCodec, now);
            return;
        };
        if let Plan::Reject(cause) = plan
            && replaces.is_none()
        {
            self.end(cause, now);
            return;
        }
        self.phase = Phase::Starting(Starting { plan, offer, replaces });
        self.media(MediaCommand::Open { leg: CALLER, reach });
    }

    /// The caller may give up before anything has begun.
    pub(super) fn heard_while_starting(&mut self, id: LegId, event: Event, now: Now) {
        if let Event::Ended(_) = event {
            self.end_leg(id, HangupCause::CallerGaveUp, now);
            self.end(HangupCause::CallerGaveUp, now);
        }
    }

    /// Ports were opened, or not: for the caller at the start, for a phone that is to ring later.
    pub(super) fn opened(&mut self, id: LegId, ports: Result<Ports, super::NoPorts>, now: Now) {
        if id != CALLER {
            self.phone_opened(id, ports, now);
            return;
        }
        let Phase::Starting(_) = &self.phase else { return };
        let Ok(ports) = ports else {
            self.end(HangupCause::LimitReached, now);
            return;
        };
        let Phase::Starting(Starting { plan, offer, replaces }) = std::mem::replace(&mut self.phase, Phase::Attempted)
        else {
            return;
        };
        if let Some(caller) = self.legs.get_mut(&CALLER) {
            caller.sound = Sound::Open(ports);
        }
        if let Some(replaces) = replaces {
            let sought = PickUp::read(&replaces).map_or(Sought::Dialog(replaces), Sought::Lamp);
            return self.seek(sought, &offer);
        }
        match plan {
            Plan::Ring(ring) => self.ring_for(CALLER, ring, offer, now),
            Plan::Treat(treatment) => self.treat(&treatment, &offer, now),
            Plan::Reject(cause) => self.end(cause, now),
        }
    }
}
