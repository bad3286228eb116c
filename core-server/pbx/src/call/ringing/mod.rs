//! Phones ring: those of all arms that are due, the first to answer wins (A20, architecture "ringing targets are
//! extensions").

mod arms;
mod ways;

use std::{collections::BTreeMap, mem};

use serde::{Deserialize, Serialize};
use wigwag_model::{CallEvent, HangupCause, LegId, LegRole};
use wigwag_sansio::{Now, Tick};
use wigwag_sip::{
    sdp::Negotiation,
    session::{Breakdown, Command, Ended, EndedBy, Event, Sdp},
    wire::{StatusCode, header::Transport},
};

use super::{
    ArmId, CALLER, Call, Leg, MediaCommand, NoPorts, Note, Phase, Phone, Ports, Progress, invite,
    leg::{self, Encryption},
    offer::CallerOffer,
};
use crate::routing::Arm;
use crate::routing::Course;
use arms::Arms;

/// Phones ring, or are about to.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ringing {
    /// Who waits for an answer.
    pub(super) waiter: LegId,
    pub(super) offer: CallerOffer,
    /// Since when.
    pub(super) since: Tick,
    pub(super) until: Tick,
    arms: Arms,
    /// What follows when nobody answers depends on it.
    course: Course,
    /// Phones whose ports are being opened.
    opening: BTreeMap<LegId, Opening>,
    /// Whether the caller knows that it rings.
    told: bool,
    /// The leg whose early media the caller hears.
    pub(super) early: Option<LegId>,
}

/// A phone whose ports are being opened.
#[derive(Debug, Serialize, Deserialize)]
struct Opening {
    arm: ArmId,
    phone: Phone,
    encryption: Encryption,
}

impl Ringing {
    fn new(waiter: LegId, arms: Arms, course: Course, offer: CallerOffer, (since, until): (Tick, Tick)) -> Self {
        Ringing {
            waiter,
            offer,
            since,
            until,
            arms,
            course,
            opening: BTreeMap::new(),
            told: false,
            early: None,
        }
    }

    /// What follows when nobody answers.
    pub(super) fn course(&self) -> &Course {
        &self.course
    }

    /// The arms that ring.
    pub(super) fn arms(&self) -> impl Iterator<Item = &Arm> {
        self.arms.ringing.values().map(|ringer| &ringer.arm)
    }

    /// Whether whoever answers for an arm has to accept the call by a key.
    pub(super) fn screens(&self, arm: ArmId) -> bool {
        self.arms.ringing.get(&arm).is_some_and(|ringer| ringer.arm.screening)
    }

    /// When something is due.
    pub(super) fn deadline(&self) -> Tick {
        self.arms.deadline().map_or(self.until, |due| due.min(self.until))
    }
}

impl Call {
    /// It is known which phones an arm has.
    pub(super) fn reached(&mut self, arm: ArmId, phones: Result<Vec<Phone>, HangupCause>, now: Now) {
        let Phase::Ringing(ringing) = &mut self.phase else {
            return;
        };
        let Some(ringer) = ringing.arms.ringing.get_mut(&arm) else {
            return;
        };
        ringer.reached = true;
        match phones {
            Ok(phones) if phones.is_empty() => self.phone_fell_out(arm, HangupCause::NoDevice, now),
            Ok(ways) if ringer.is_outside() => self.try_ways(arm, ways),
            Ok(phones) => {
                self.note(Note::Rings { phones: phones.len() });
                phones.into_iter().for_each(|phone| self.open_phone(arm, phone));
            }
            Err(cause) => {
                let is_skipped = ringer.is_outside() && cause == HangupCause::LimitReached;
                self.note(Note::NotRung { cause });
                if is_skipped {
                    self.journal_skipped(cause, now);
                }
                self.phone_fell_out(arm, cause, now);
            }
        }
    }

    /// A phone has registered: a call that rings its extension rings it, too; a leg that it has already follows it.
    pub(super) fn joined(&mut self, phone: Phone, now: Now) {
        if let Some((id, _)) = self.legs.iter().find(|(_, leg)| leg.is_live() && leg.is_of(&phone)) {
            self.moved(*id, phone.reach, now);
            return;
        }
        if let Some(arm) = self.arm_for(&phone, now) {
            self.note(Note::Joined);
            if let Phase::Ringing(ringing) = &mut self.phase {
                ringing
                    .arms
                    .awaited
                    .retain(|(_, device)| Some(*device) != phone.who.device());
            }
            self.open_phone(arm, phone);
        }
    }

    /// The arm for which a phone that has just registered is to ring; none, where it has refused the call.
    fn arm_for(&self, phone: &Phone, now: Now) -> Option<ArmId> {
        let Phase::Ringing(ringing) = &self.phase else {
            return None;
        };
        let arm = ringing.arms.of_extension(phone.who.extension()?)?;
        let is_known = |leg: &Leg| leg.progress == Progress::Refused && leg.is_of(phone);
        let is_opening = ringing
            .opening
            .values()
            .any(|known| known.phone.contact == phone.contact);
        let is_caller = phone.who.device().is_some() && phone.who.device() == self.caller_device();
        let rings = ringing.until > now.tick && !is_opening && !is_caller && !self.legs.values().any(is_known);
        rings.then_some(arm)
    }

    fn open_phone(&mut self, arm: ArmId, phone: Phone) {
        let encryption = match phone.reach.transport {
            Transport::Tls | Transport::Wss => Encryption::Offered(Box::new(phone.clone())),
            Transport::Udp | Transport::Tcp | Transport::Ws | Transport::Other(_) => Encryption::Accepted,
        };
        self.open_phone_with(arm, phone, encryption);
    }

    fn open_phone_with(&mut self, arm: ArmId, phone: Phone, encryption: Encryption) {
        let id = self.new_leg_id();
        let reach = phone.reach.clone();
        if let Phase::Ringing(ringing) = &mut self.phase {
            ringing.opening.insert(id, Opening { arm, phone, encryption });
            self.media(MediaCommand::Open { leg: id, reach });
        }
    }

    /// A phone's ports are open: it is rung.
    pub(super) fn phone_opened(&mut self, id: LegId, ports: Result<Ports, NoPorts>, now: Now) {
        let opening = match &mut self.phase {
            Phase::Ringing(ringing) => ringing.opening.remove(&id),
            Phase::Attempted
            | Phase::Starting(_)
            | Phase::Talking(_)
            | Phase::Treating(_)
            | Phase::Joining(_)
            | Phase::Parked(_)
            | Phase::Closing(_)
            | Phase::Over => None,
        };
        match (opening, ports) {
            (Some(opening), Ok(ports)) => self.ring(id, opening, ports, now),
            (Some(opening), Err(NoPorts)) => self.phone_fell_out(opening.arm, HangupCause::LimitReached, now),
            (None, Ok(_)) => self.media(MediaCommand::Close { leg: id }),
            (None, Err(NoPorts)) => {}
        }
    }

    fn ring(&mut self, id: LegId, opening: Opening, ports: Ports, now: Now) {
        let Opening { arm, phone, encryption } = opening;
        let Phase::Ringing(ringing) = &self.phase else { return };
        let (capabilities, direction) = (ringing.offer.capabilities(), ringing.offer.direction());
        let mut sdp = Negotiation::new(self.entropy.fork());
        let offer = leg::write(&sdp.offer(&ports.audio(encryption.suites(), direction), &capabilities));
        let session = invite::session(self, &phone, offer);
        let mut leg = Leg::ringing((arm, &phone), encryption, ports, sdp, session);
        leg.answers_by = phone.who.gateway().map(|_| now.tick + ways::FIRST_ANSWER);
        self.legs.insert(id, leg);
        self.journal_start(id, LegRole::Callee, now);
        self.drive(id, now, |_| ());
    }

    pub(super) fn heard_while_ringing(&mut self, id: LegId, event: Event, now: Now) {
        match event {
            Event::Progress { status, sdp, .. } => self.progressed(id, status, sdp, now),
            Event::Answered { sdp, .. } => self.answered(id, sdp, now),
            Event::Ended(ended) if id == CALLER => self.caller_left(&ended, now),
            Event::Ended(ended) => self.phone_refused(id, &ended, now),
            Event::Digit(digit) => self.pressed(id, digit.key(), now),
            Event::Other { key, .. } => self.refuse_other(id, key, now),
            Event::Offered { sdp, .. } => self.offered_while_ringing(id, sdp.as_ref(), now),
            Event::Referred(_)
            | Event::Confirmed { .. }
            | Event::OfferWithdrawn
            | Event::OfferAnswered { .. }
            | Event::OfferRefused { .. }
            | Event::Info(_)
            | Event::Replied { .. } => {}
        }
    }

    /// With one phone, its early media passes; with several, the caller hears only that it rings.
    fn progressed(&mut self, id: LegId, status: StatusCode, sdp: Option<Sdp>, now: Now) {
        if status != StatusCode::RINGING && status != StatusCode::SESSION_PROGRESS {
            return;
        }
        if let Some(leg) = self.legs.get_mut(&id)
            && leg.progress == Progress::Started
        {
            leg.progress = Progress::Ringing;
            leg.has_rung = true;
            self.journal(CallEvent::LegRinging { leg: id }, now);
        }
        let alone = self.rung() == 1;
        if let Some(sdp) = sdp.filter(|_| alone)
            && let Some(preview) = self.preview(id, &sdp)
        {
            self.command(
                CALLER,
                Command::Progress {
                    status,
                    sdp: Some(preview),
                    headers: Vec::new(),
                },
                now,
            );
            return;
        }
        let Phase::Ringing(ringing) = &mut self.phase else {
            return;
        };
        if !mem::replace(&mut ringing.told, true) {
            let status = StatusCode::RINGING;
            self.command(
                CALLER,
                Command::Progress {
                    status,
                    sdp: None,
                    headers: Vec::new(),
                },
                now,
            );
        }
    }

    /// How many phones ring or are about to.
    fn rung(&self) -> usize {
        let Phase::Ringing(ringing) = &self.phase else { return 0 };
        let live = self
            .legs
            .iter()
            .filter(|(id, leg)| **id != CALLER && leg.is_live())
            .count();
        live + ringing.opening.len() + ringing.arms.awaited.len() + ringing.arms.to_come()
    }

    /// Whether a phone of an arm rings or is about to.
    fn rings_at(&self, arm: ArmId) -> bool {
        let Phase::Ringing(ringing) = &self.phase else {
            return false;
        };
        self.legs.values().any(|leg| leg.arm == Some(arm) && leg.is_live())
            || ringing.opening.values().any(|opening| opening.arm == arm)
            || ringing.arms.awaited.iter().any(|(of, _)| *of == arm)
    }

    fn caller_left(&mut self, ended: &Ended, now: Now) {
        let cause = match ended.by {
            EndedBy::Remote | EndedBy::Local => HangupCause::CallerGaveUp,
            EndedBy::Failure(_) => HangupCause::NetworkFailure,
        };
        self.end_leg(CALLER, cause, now);
        self.end(cause, now);
    }

    fn phone_refused(&mut self, id: LegId, ended: &Ended, now: Now) {
        if self.is_asked(id) {
            return self.did_not_accept(id, now);
        }
        let is_carrier = self.legs.get(&id).is_some_and(|leg| leg.who.gateway().is_some());
        let told = refusal(ended);
        let is_unreachable = is_carrier && told == HangupCause::NoDevice;
        let cause = if is_unreachable {
            HangupCause::NetworkFailure
        } else {
            told
        };
        let comes_back = ended.by == EndedBy::Failure(Breakdown::Transport) && self.rings(id);
        self.end_leg(id, cause, now);
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let (Some(arm), device) = (leg.arm, leg.who.device()) else {
            return;
        };
        if ended.by == EndedBy::Remote {
            leg.progress = Progress::Refused;
        }
        if cause == HangupCause::Declined {
            self.end_arm(arm, HangupCause::AnsweredElsewhere, now);
        }
        if cause == HangupCause::NoCommonCodec
            && let Some(leg) = self.legs.get_mut(&id)
            && let Encryption::Offered(phone) = &leg.encryption
        {
            let phone = (**phone).clone();
            leg.progress = Progress::Ended;
            self.note(Note::PlainSoundInstead { leg: id });
            self.open_phone_with(arm, phone, Encryption::Accepted);
            return;
        }
        if self.tries_next_way(id, arm, ways::helps(ended)) {
            return;
        }
        if let Phase::Ringing(ringing) = &mut self.phase
            && let Some(device) = device.filter(|_| comes_back)
        {
            ringing.arms.awaited.push((arm, device));
        }
        self.phone_fell_out(arm, cause, now);
    }

    fn rings(&self, id: LegId) -> bool {
        self.legs.get(&id).is_some_and(|leg| leg.progress == Progress::Ringing)
    }
}

/// Why a phone does not ring.
fn refusal(ended: &Ended) -> HangupCause {
    match (ended.by, ended.status) {
        (EndedBy::Failure(Breakdown::Timeout | Breakdown::Transport), _) => HangupCause::NoDevice,
        (_, Some(status)) => HangupCause::from_sip_status(status.as_u16()),
        (EndedBy::Failure(_) | EndedBy::Remote | EndedBy::Local, None) => HangupCause::NetworkFailure,
    }
}
