//! Sound before the answer: a phone's early media for the caller, and what either proposes meanwhile (RFC 3311).

use wigwag_model::LegId;
use wigwag_sansio::Now;
use wigwag_sip::{
    sdp::{AudioDescription, Capabilities, Direction},
    session::{Command, Sdp},
    wire::StatusCode,
};

use super::{CALLER, Call, MediaCommand, Note, Phase, leg, offer::CallerOffer};

impl Call {
    /// Joins the early media of a phone to the caller; nothing when that is not possible, or when the caller was
    /// described reliably what another one plays.
    pub(super) fn preview(&mut self, id: LegId, sdp: &Sdp) -> Option<Sdp> {
        let Phase::Ringing(ringing) = &mut self.phase else {
            return None;
        };
        let CallerOffer::Made { description: offer, .. } = &ringing.offer else {
            return None;
        };
        let caller = self.legs.get_mut(&CALLER)?;
        if caller.session.has_described() {
            return None;
        }
        let answer = leg::read(sdp)?;
        let phone = self.legs.get_mut(&id)?;
        let theirs = phone.sdp.accept_answer(&answer).ok()?.clone();
        let direction = phone.remote()?.direction;
        let caller = self.legs.get_mut(&CALLER)?;
        let local = caller.local_answer(direction)?;
        let preview = caller.sdp.answer(offer, &local, &theirs.send).ok()?;
        if ringing.early.replace(id) != Some(id) {
            self.configure(CALLER);
            self.configure(id);
            self.media(MediaCommand::Bridge {
                first: CALLER,
                second: id,
            });
        }
        Some(leg::write(&preview))
    }

    /// A proposal before the answer is answered by what is known of the other side.
    pub(super) fn offered_while_ringing(&mut self, id: LegId, sdp: Option<&Sdp>, now: Now) {
        let command = match self.answer_early(id, sdp) {
            Some(sdp) => Command::AnswerOffer { sdp },
            None => {
                self.note(Note::BadDescription { leg: id });
                let status = StatusCode::NOT_ACCEPTABLE_HERE;
                Command::RefuseOffer { status }
            }
        };
        self.command(id, command, now);
        self.configure(id);
    }

    fn answer_early(&mut self, id: LegId, sdp: Option<&Sdp>) -> Option<Sdp> {
        let offer = leg::read(sdp?)?;
        let audio = AudioDescription::of(&offer).ok()?;
        let (capabilities, direction) = self.other_side(id, &audio)?;
        let leg = self.legs.get_mut(&id)?;
        let local = leg.local_answer(direction)?;
        let answer = leg.sdp.answer(&offer, &local, &capabilities).ok()?;
        if let Phase::Ringing(ringing) = &mut self.phase
            && id == CALLER
        {
            ringing.offer = CallerOffer::Made {
                description: Box::new(offer),
                audio: Box::new(audio),
            };
        }
        Some(leg::write(&answer))
    }

    /// What a leg's other side takes and whether it sends, as far as it is known before the answer.
    fn other_side(&self, id: LegId, own: &AudioDescription) -> Option<(Capabilities, Direction)> {
        let Phase::Ringing(ringing) = &self.phase else {
            return None;
        };
        if id != CALLER {
            return Some((ringing.offer.capabilities(), ringing.offer.direction()));
        }
        let early = ringing.early.and_then(|early| self.legs.get(&early));
        let known = early.and_then(|leg| Some((leg.sdp.agreement()?.send.clone(), leg.remote()?.direction)));
        Some(known.unwrap_or_else(|| (own.capabilities.clone(), Direction::SendRecv)))
    }
}
