//! Phones ring: all of them at once, the first to answer wins (A20, architecture "ringing targets are extensions").

use std::{collections::BTreeMap, mem};

use serde::{Deserialize, Serialize};
use wigwag_model::{CallEvent, DeviceId, HangupCause, LegId, LegRole};
use wigwag_sansio::{Now, Tick};
use wigwag_sip::{
    sdp::Negotiation,
    session::{Breakdown, Command, Ended, EndedBy, Event, Sdp},
    wire::{StatusCode, header::Transport},
};

use super::{
    CALLER, Call, Leg, MediaCommand, NoPorts, Note, Phase, Phone, Ports, Progress, invite,
    leg::{self, Encryption},
    offer::CallerOffer,
};
use crate::routing::{Ring, Target};

/// Phones ring, or are about to.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ringing {
    pub(super) offer: CallerOffer,
    pub(super) until: Tick,
    targets: Vec<Target>,
    /// Targets of which it is not known yet which phones they have.
    unreached: usize,
    /// Phones whose ports are being opened.
    opening: BTreeMap<LegId, (Phone, Encryption)>,
    /// Devices that rang when their connection broke: they are expected to register anew.
    awaited: Vec<DeviceId>,
    /// Why targets and phones fell out.
    causes: Vec<HangupCause>,
    /// Whether the caller knows that it rings.
    told: bool,
    /// The leg whose early media the caller hears.
    pub(super) early: Option<LegId>,
}

impl Ringing {
    pub(super) fn new(ring: &Ring, offer: CallerOffer, now: Now) -> Self {
        Ringing {
            offer,
            until: now.tick + ring.timeout,
            targets: ring.targets.clone(),
            unreached: ring.targets.len(),
            opening: BTreeMap::new(),
            awaited: Vec::new(),
            causes: Vec::new(),
            told: false,
            early: None,
        }
    }

    /// The reason that tells the caller most.
    fn cause(&self) -> HangupCause {
        const TELLING: [HangupCause; 6] = [
            HangupCause::Declined,
            HangupCause::Busy,
            HangupCause::NoAnswer,
            HangupCause::NoCommonCodec,
            HangupCause::LimitReached,
            HangupCause::NetworkFailure,
        ];
        TELLING
            .into_iter()
            .find(|cause| self.causes.contains(cause))
            .unwrap_or(HangupCause::NoDevice)
    }
}

impl Call {
    /// It is known which phones a target has.
    pub(super) fn reached(&mut self, phones: Result<Vec<Phone>, HangupCause>, now: Now) {
        let Phase::Ringing(ringing) = &mut self.phase else {
            return;
        };
        ringing.unreached = ringing.unreached.saturating_sub(1);
        match phones {
            Ok(phones) if phones.is_empty() => self.fell_out(HangupCause::NoDevice, now),
            Ok(phones) => {
                self.note(Note::Rings { phones: phones.len() });
                phones.into_iter().for_each(|phone| self.open_phone(phone));
            }
            Err(cause) => {
                self.note(Note::NotRung { cause });
                self.fell_out(cause, now);
            }
        }
    }

    /// A phone has registered: a call that rings its extension rings it, too; a leg that it has already follows it.
    pub(super) fn joined(&mut self, phone: Phone, now: Now) {
        if let Some((id, _)) = self.legs.iter().find(|(_, leg)| leg.is_live() && leg.is_of(&phone)) {
            self.moved(*id, phone.reach, now);
            return;
        }
        if self.rings_for(&phone, now) {
            self.note(Note::Joined);
            if let Phase::Ringing(ringing) = &mut self.phase {
                ringing.awaited.retain(|device| *device != phone.device_id);
            }
            self.open_phone(phone);
        }
    }

    /// Whether a phone that has just registered is to ring; one that has refused the call is not.
    fn rings_for(&self, phone: &Phone, now: Now) -> bool {
        let Phase::Ringing(ringing) = &self.phase else {
            return false;
        };
        let is_known = |leg: &Leg| leg.progress == Progress::Refused && leg.is_of(phone);
        let is_opening = ringing
            .opening
            .values()
            .any(|(known, _)| known.contact == phone.contact);
        let is_caller = self
            .legs
            .get(&CALLER)
            .is_some_and(|caller| caller.device_id == phone.device_id);
        ringing.targets.contains(&Target::Extension(phone.extension_id))
            && ringing.until > now.tick
            && !is_opening
            && !is_caller
            && !self.legs.values().any(is_known)
    }

    fn open_phone(&mut self, phone: Phone) {
        let encryption = match phone.reach.transport {
            Transport::Tls | Transport::Wss => Encryption::Offered(Box::new(phone.clone())),
            Transport::Udp | Transport::Tcp | Transport::Ws | Transport::Other(_) => Encryption::Accepted,
        };
        self.open_phone_with(phone, encryption);
    }

    fn open_phone_with(&mut self, phone: Phone, encryption: Encryption) {
        let id = self.new_leg_id();
        let reach = phone.reach.clone();
        if let Phase::Ringing(ringing) = &mut self.phase {
            ringing.opening.insert(id, (phone, encryption));
            self.media(MediaCommand::Open { leg: id, reach });
        }
    }

    /// A phone's ports are open: it is rung.
    pub(super) fn phone_opened(&mut self, id: LegId, ports: Result<Ports, NoPorts>, now: Now) {
        let opening = match &mut self.phase {
            Phase::Ringing(ringing) => ringing.opening.remove(&id),
            Phase::Attempted | Phase::Starting(_) | Phase::Talking(_) | Phase::Closing(_) | Phase::Over => None,
        };
        match (opening, ports) {
            (Some((phone, encryption)), Ok(ports)) => self.ring(id, &phone, encryption, ports, now),
            (Some(_), Err(NoPorts)) => self.fell_out(HangupCause::LimitReached, now),
            (None, Ok(_)) => self.media(MediaCommand::Close { leg: id }),
            (None, Err(NoPorts)) => {}
        }
    }

    fn ring(&mut self, id: LegId, phone: &Phone, encryption: Encryption, ports: Ports, now: Now) {
        let Phase::Ringing(ringing) = &self.phase else { return };
        let (capabilities, direction) = (ringing.offer.capabilities(), ringing.offer.direction());
        let mut sdp = Negotiation::new(self.entropy.fork());
        let offer = leg::write(&sdp.offer(&ports.audio(encryption.suites(), direction), &capabilities));
        let session = invite::session(self, phone, offer);
        self.legs
            .insert(id, Leg::ringing(phone, encryption, ports, sdp, session));
        self.journal_start(id, LegRole::Callee, now);
        self.drive(id, now, |_| ());
    }

    pub(super) fn heard_while_ringing(&mut self, id: LegId, event: Event, now: Now) {
        match event {
            Event::Progress { status, sdp, .. } => self.progressed(id, status, sdp, now),
            Event::Answered { sdp, .. } => self.answered(id, sdp, now),
            Event::Ended(ended) if id == CALLER => self.caller_left(&ended, now),
            Event::Ended(ended) => self.phone_refused(id, &ended, now),
            Event::Other { key, .. } => self.refuse_other(id, key, now),
            Event::Offered { sdp, .. } => self.offered_while_ringing(id, sdp.as_ref(), now),
            Event::Confirmed { .. }
            | Event::OfferWithdrawn
            | Event::OfferAnswered { .. }
            | Event::OfferRefused { .. }
            | Event::Digit(_)
            | Event::Info(_)
            | Event::Referred(_)
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
        live + ringing.opening.len() + ringing.awaited.len() + ringing.unreached
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
        let cause = refusal(ended);
        let comes_back = ended.by == EndedBy::Failure(Breakdown::Transport) && self.rings(id);
        self.end_leg(id, cause, now);
        if cause == HangupCause::Declined {
            self.end(cause, now);
            return;
        }
        if cause == HangupCause::NoCommonCodec
            && let Some(leg) = self.legs.get(&id)
            && let Encryption::Offered(phone) = &leg.encryption
        {
            let phone = (**phone).clone();
            self.note(Note::PlainSoundInstead { leg: id });
            self.open_phone_with(phone, Encryption::Accepted);
            return;
        }
        if let Some(leg) = self.legs.get_mut(&id)
            && ended.by == EndedBy::Remote
        {
            leg.progress = Progress::Refused;
        }
        let device = self.legs.get(&id).map(|leg| leg.device_id);
        if let Phase::Ringing(ringing) = &mut self.phase {
            ringing.awaited.extend(device.filter(|_| comes_back));
        }
        self.fell_out(cause, now);
    }

    fn rings(&self, id: LegId) -> bool {
        self.legs.get(&id).is_some_and(|leg| leg.progress == Progress::Ringing)
    }

    /// A target or phone does not ring (any more); with the last one the call ends.
    pub(super) fn fell_out(&mut self, cause: HangupCause, now: Now) {
        let Phase::Ringing(ringing) = &mut self.phase else {
            return;
        };
        ringing.causes.push(cause);
        let cause = ringing.cause();
        if self.rung() == 0 {
            self.end(cause, now);
        }
    }

    pub(super) fn rang_out(&mut self, now: Now) {
        self.note(Note::RangOut);
        self.end(HangupCause::NoAnswer, now);
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
