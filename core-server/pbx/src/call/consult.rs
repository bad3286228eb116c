//! Asking first: `##` and a number holds the other side and calls somebody in between (S200, S201, A02, A03).
//!
//! | stage    | somebody answers | nobody answers   | who asks hangs up            | `*0` | `*3`       | the held one hangs up |
//! |----------|------------------|------------------|------------------------------|------|------------|-----------------------|
//! | Asked    | –                | –                | –                            | –    | –          | –                     |
//! | Ringing  | → Talking        | → Failed         | becomes a transfer that rings | back | –          | an ordinary call      |
//! | Talking  | –                | –                | the two others talk          | back | → Together | an ordinary call      |
//! | Together | –                | –                | the two others talk          | back | –          | an ordinary call      |
//! | Failed   | –                | –                | becomes a recall             | back | –          | end                   |
//!
//! Whoever is held is never lost: whatever happens to the other two, it ends up with one of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{CallEvent, HangupCause, LegId};
use wigwag_sansio::{Now, Tick};
use wigwag_sip::session::Event;

use super::{
    Call, Leg, MediaCommand, Note, Output, Phase, Prompt, Question, answering::closing_command, offer::CallerOffer,
    talking::Talking,
};
use crate::routing::{Attempt, Called, Decision, Plan};

/// How long the tone is heard that says that nobody has answered, should its end not be told.
const FAILED: Duration = Duration::from_secs(5);

/// Somebody asks somebody else, while the other side waits.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Consult {
    /// Who asks.
    by: LegId,
    /// Who waits.
    held: LegId,
    attempt: Attempt,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// It is being decided who rings.
    Asked,
    /// Phones ring.
    Ringing,
    /// Somebody has answered.
    Talking(LegId),
    /// All three hear each other.
    Together(LegId),
    /// Nobody has answered: a tone says so.
    Failed { until: Tick },
}

impl Call {
    /// `##` and a number.
    pub(super) fn ask_first(&mut self, by: LegId, number: SmolStr) {
        if self.consult.is_some() || self.transfer.is_some() || !self.is_settled_talk() {
            return;
        }
        let (Some(held), Some(extension)) = (self.other(by), self.legs.get(&by).and_then(|leg| leg.who.extension()))
        else {
            return;
        };
        let attempt = Attempt {
            caller: crate::routing::Caller::Extension(extension),
            called: Called::Transfer {
                by: extension,
                text: number,
            },
        };
        self.consult = Some(Consult {
            by,
            held,
            attempt: attempt.clone(),
            stage: Stage::Asked,
        });
        self.outputs.push_back(Output::Decide(Question::Transfer { attempt }));
    }

    /// Whether what is being decided is whom to ask.
    pub(super) fn is_asking(&self) -> bool {
        self.consult
            .as_ref()
            .is_some_and(|consult| consult.stage == Stage::Asked)
    }

    /// It has been decided who rings.
    pub(super) fn consult_decided(&mut self, decision: Decision, now: Now) {
        let Some(consult) = &self.consult else { return };
        let (by, held, attempt) = (consult.by, consult.held, consult.attempt.clone());
        let offer = self.legs.get(&by).and_then(Leg::remote).map(CallerOffer::of_answered);
        self.media(MediaCommand::Part {
            first: by,
            second: held,
        });
        self.media(MediaCommand::Play {
            leg: held,
            prompt: Prompt::HoldMusic,
        });
        match (decision.plan, offer) {
            (Plan::Ring(ring), Some(offer)) => {
                self.attempt = attempt;
                self.note(Note::Asks { leg: by });
                self.set_consult(Stage::Ringing);
                self.media(MediaCommand::Play {
                    leg: by,
                    prompt: Prompt::Ringback,
                });
                self.ring_for(by, ring, offer, now);
            }
            (Plan::Reject(cause), _) => self.consult_failed(cause, now),
            (Plan::Ring(_) | Plan::Treat(_), _) => self.consult_failed(HangupCause::NotAvailable, now),
        }
    }

    /// Nobody answers: who asks hears so, and is back with the held one afterwards.
    pub(super) fn consult_failed(&mut self, cause: HangupCause, now: Now) {
        let Some(consult) = &self.consult else { return };
        let (by, held) = (consult.by, consult.held);
        self.phase = Phase::Talking(Talking::between(by, held));
        self.set_consult(Stage::Failed {
            until: now.tick + FAILED,
        });
        self.media(MediaCommand::Play {
            leg: by,
            prompt: Prompt::NobodyAnswers(cause),
        });
    }

    /// Somebody has answered.
    pub(super) fn consult_taken(&mut self, with: LegId) {
        if self.consult.is_some() {
            self.set_consult(Stage::Talking(with));
        }
    }

    /// Takes what a leg tells if it is about asking first; gives back what is not.
    pub(super) fn heard_in_consult(&mut self, id: LegId, event: Event, now: Now) -> Option<Event> {
        let Some(consult) = &self.consult else {
            return Some(event);
        };
        let (by, held, stage) = (consult.by, consult.held, consult.stage);
        let is_end = matches!(event, Event::Ended(_));
        match stage {
            Stage::Asked => Some(event),
            Stage::Ringing | Stage::Talking(_) | Stage::Together(_) | Stage::Failed { .. } if is_end && id == held => {
                self.held_one_left(now);
                None
            }
            Stage::Ringing | Stage::Talking(_) | Stage::Together(_) | Stage::Failed { .. } if is_end && id == by => {
                self.asking_one_left(now);
                None
            }
            Stage::Talking(with) | Stage::Together(with) if is_end && id == with => {
                self.end_leg(with, HangupCause::NormalClearing, now);
                self.back(now);
                None
            }
            Stage::Ringing if id == by || id == held => {
                self.heard_while_waiting(id, event, now);
                None
            }
            Stage::Talking(_) | Stage::Together(_) if id == held => {
                self.heard_while_waiting(id, event, now);
                None
            }
            Stage::Ringing | Stage::Talking(_) | Stage::Together(_) | Stage::Failed { .. } => Some(event),
        }
    }

    /// `*0`.
    pub(super) fn go_back(&mut self, by: LegId, now: Now) {
        let Some(consult) = self.consult.as_ref().filter(|consult| consult.by == by) else {
            return;
        };
        match consult.stage {
            Stage::Asked => return,
            Stage::Ringing => self.stop_ringing(HangupCause::CallerGaveUp, now),
            Stage::Talking(with) | Stage::Together(with) => {
                self.end_leg(with, HangupCause::NormalClearing, now);
                self.command(with, closing_command(HangupCause::NormalClearing), now);
            }
            Stage::Failed { .. } => {}
        }
        self.back(now);
    }

    /// `*3`.
    pub(super) fn all_three(&mut self, by: LegId, now: Now) {
        let Some(consult) = self.consult.as_ref().filter(|consult| consult.by == by) else {
            return;
        };
        let (held, Stage::Talking(with)) = (consult.held, consult.stage) else {
            return;
        };
        self.set_consult(Stage::Together(with));
        self.note(Note::AllThree);
        self.media(MediaCommand::Stop { leg: held });
        self.media(MediaCommand::Confer {
            legs: vec![by, held, with],
        });
        self.journal(
            CallEvent::Bridged {
                first: by,
                second: held,
            },
            now,
        );
    }

    /// The tone is over that says that nobody has answered.
    pub(super) fn consult_is_back(&mut self, now: Now) {
        if let Some(Consult {
            stage: Stage::Failed { .. },
            ..
        }) = &self.consult
        {
            self.back(now);
        }
    }

    /// When something is due, and that it is.
    pub(super) fn consult_deadline(&self) -> Option<Tick> {
        match self.consult.as_ref()?.stage {
            Stage::Failed { until } => Some(until),
            Stage::Asked | Stage::Ringing | Stage::Talking(_) | Stage::Together(_) => None,
        }
    }

    /// Who asks and who was held hear each other again.
    fn back(&mut self, now: Now) {
        let Some(Consult { by, held, .. }) = self.consult.take() else {
            return;
        };
        self.media(MediaCommand::Stop { leg: by });
        self.joined_again(by, held, now);
    }

    fn joined_again(&mut self, first: LegId, second: LegId, now: Now) {
        self.phase = Phase::Talking(Talking::between(first, second));
        self.media(MediaCommand::Stop { leg: second });
        self.media(MediaCommand::Bridge { first, second });
        self.journal(CallEvent::Bridged { first, second }, now);
        self.tell_other(first, now);
    }

    /// Who asks hangs up: the held one has whoever was asked, or waits for them.
    fn asking_one_left(&mut self, now: Now) {
        let Some(Consult {
            by,
            held,
            attempt,
            stage,
        }) = self.consult.take()
        else {
            return;
        };
        self.end_leg(by, HangupCause::NormalClearing, now);
        match stage {
            Stage::Talking(with) | Stage::Together(with) => self.joined_again(with, held, now),
            Stage::Asked | Stage::Ringing => self.rings_for_held((by, held), attempt),
            Stage::Failed { .. } => self.rings_back((by, held), now),
        }
    }

    /// The held one hangs up: what is left is an ordinary call, or none.
    fn held_one_left(&mut self, now: Now) {
        let Some(Consult { by, held, stage, .. }) = self.consult.take() else {
            return;
        };
        self.end_leg(held, HangupCause::NormalClearing, now);
        match stage {
            Stage::Together(with) => {
                let (first, second) = (by, with);
                self.media(MediaCommand::Bridge { first, second });
            }
            Stage::Asked | Stage::Failed { .. } => self.end(HangupCause::NormalClearing, now),
            Stage::Ringing | Stage::Talking(_) => {}
        }
    }

    fn set_consult(&mut self, stage: Stage) {
        if let Some(consult) = &mut self.consult {
            consult.stage = stage;
        }
    }
}
