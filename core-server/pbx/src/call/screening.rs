//! Call screening: whoever answers has to accept the call by a key, so that no mobile's mailbox wins (S087, S112, A32).

use std::time::Duration;

use wigwag_model::{HangupCause, LegId};
use wigwag_sansio::{Now, Tick};

use super::{Call, MediaCommand, Note, Phase, Progress, Prompt, answering::closing_command};

/// The key that accepts a call.
const ACCEPTS: char = '1';
/// How long one may take to press it.
const DECIDING: Duration = Duration::from_secs(20);

impl Call {
    /// Whether whoever answers a leg has to accept the call.
    pub(super) fn is_screened(&self, id: LegId) -> bool {
        let arm = self.legs.get(&id).and_then(|leg| leg.arm);
        let Phase::Ringing(ringing) = &self.phase else {
            return false;
        };
        arm.is_some_and(|arm| ringing.screens(arm))
    }

    /// Somebody or something has answered: it is asked whether it takes the call, while the others ring on.
    pub(super) fn screen(&mut self, id: LegId, now: Now) {
        let until = now.tick + DECIDING;
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.progress = Progress::Screened { until };
        }
        if let Phase::Ringing(ringing) = &mut self.phase {
            ringing.until = ringing.until.max(until);
        }
        self.note(Note::Screened { leg: id });
        self.configure(id);
        self.media(MediaCommand::Listen { leg: id });
        let prompt = Prompt::Screening;
        self.media(MediaCommand::Play { leg: id, prompt });
    }

    /// Whether a leg is being asked.
    pub(super) fn is_asked(&self, id: LegId) -> bool {
        let asked = |leg: &super::Leg| matches!(leg.progress, Progress::Screened { .. });
        self.legs.get(&id).is_some_and(asked)
    }

    /// Whoever is asked has pressed a key.
    pub(super) fn pressed_when_asked(&mut self, id: LegId, key: char, now: Now) {
        if key != ACCEPTS {
            return;
        }
        if let Some(side) = self.take_answer(id, None) {
            self.media(MediaCommand::Stop { leg: id });
            self.wins(id, side, now);
        }
    }

    /// Whoever is asked has hung up.
    pub(super) fn did_not_accept(&mut self, id: LegId, now: Now) {
        self.end_leg(id, HangupCause::NoAnswer, now);
        if let Some(arm) = self.legs.get(&id).and_then(|leg| leg.arm) {
            self.phone_fell_out(arm, HangupCause::NoAnswer, now);
        }
    }

    /// When the first of them has had its time.
    pub(super) fn screening_deadline(&self) -> Option<Tick> {
        let until = |leg: &super::Leg| match leg.progress {
            Progress::Screened { until } => Some(until),
            Progress::Started | Progress::Ringing | Progress::Answered | Progress::Refused | Progress::Ended => None,
        };
        self.legs.values().filter_map(until).min()
    }

    /// Those that have had their time are let go.
    pub(super) fn asked_long_enough(&mut self, now: Now) {
        let late = |leg: &super::Leg| matches!(leg.progress, Progress::Screened { until } if until <= now.tick);
        let late: Vec<LegId> = self
            .legs
            .iter()
            .filter(|(_, leg)| late(leg))
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            self.command(id, closing_command(HangupCause::NoAnswer), now);
            self.did_not_accept(id, now);
        }
    }
}
