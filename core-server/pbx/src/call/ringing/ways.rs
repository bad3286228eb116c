//! A number outside is called by one way after the other, until a carrier takes the call (A61).
//!
//! | a carrier …                                     | ordinary call | emergency call |
//! |--------------------------------------------------|---------------|----------------|
//! | cannot be reached, or is silent for 4 s          | next way      | next way       |
//! | 3xx, 401, 403, 407, 408, 429, 5xx before it rings | next way      | next way       |
//! | any other refusal, or any after it has rung      | final         | next way       |
//!
//! Once it has rung, a refusal is that of whoever was called.

use std::time::Duration;

use wigwag_model::{HangupCause, LegId};
use wigwag_sansio::Now;
use wigwag_sip::session::{Ended, EndedBy};

use crate::{
    call::{ArmId, Call, Leg, Note, Phase, Phone, answering::closing_command},
    routing::{OutsideNumber, Target},
};

/// How long a carrier may take for its first answer of any kind.
pub(super) const FIRST_ANSWER: Duration = Duration::from_secs(4);

impl Call {
    /// The first way is tried, and the others if that comes to nothing.
    pub(super) fn try_ways(&mut self, arm: ArmId, ways: Vec<Phone>) {
        let Phase::Ringing(ringing) = &mut self.phase else {
            return;
        };
        let Some(ringer) = ringing.arms.ringing.get_mut(&arm) else {
            return;
        };
        ringer.ways = ways.into();
        if let Some(first) = ringer.ways.pop_front() {
            self.open_phone(arm, first);
        }
    }

    /// Tries the next way in place of one that has come to nothing, if there is one and it may help.
    pub(super) fn tries_next_way(&mut self, id: LegId, arm: ArmId, helps: bool) -> bool {
        let Phase::Ringing(ringing) = &mut self.phase else {
            return false;
        };
        let Some(ringer) = ringing.arms.ringing.get_mut(&arm).filter(|ringer| ringer.is_outside()) else {
            return false;
        };
        let is_emergency = matches!(
            &ringer.arm.target,
            Target::Outside(outside) if matches!(outside.number, OutsideNumber::Emergency(_))
        );
        let has_rung = self.legs.get(&id).is_some_and(|leg| leg.has_rung);
        if !is_emergency && (has_rung || !helps) {
            return false;
        }
        let Some(next) = ringer.ways.pop_front() else {
            return false;
        };
        self.note(Note::NextWay { leg: id });
        self.open_phone(arm, next);
        true
    }

    /// Carriers of which nothing has been heard in time are given up.
    pub(in crate::call) fn give_up_silent_ways(&mut self, now: Now) {
        let is_silent = |leg: &Leg| leg.is_live() && leg.answers_by.is_some_and(|by| by <= now.tick);
        let silent: Vec<(LegId, Option<ArmId>)> = self
            .legs
            .iter()
            .filter(|(_, leg)| is_silent(leg))
            .map(|(id, leg)| (*id, leg.arm))
            .collect();
        for (id, arm) in silent {
            let cause = HangupCause::NetworkFailure;
            self.heard_from(id);
            self.end_leg(id, cause, now);
            self.command(id, closing_command(cause), now);
            let Some(arm) = arm else { continue };
            if !self.tries_next_way(id, arm, true) {
                self.phone_fell_out(arm, cause, now);
            }
        }
    }

    /// Something has come from a leg's carrier: it is not silent.
    pub(in crate::call) fn heard_from(&mut self, id: LegId) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.answers_by = None;
        }
    }
}

/// Whether another carrier may take a call that one has not taken.
pub(super) fn helps(ended: &Ended) -> bool {
    match (ended.by, ended.status) {
        (EndedBy::Failure(_), None) => true,
        (_, Some(status)) => matches!(status.as_u16(), 300..=399 | 401 | 403 | 407 | 408 | 429 | 500..=599),
        (EndedBy::Remote | EndedBy::Local, None) => false,
    }
}
