//! The exchange itself takes the caller: it says something, or changes something after asking for a PIN (1.S, 1.T).
//!
//! | step      | digit                      | checked                    | changed        | heard | time is up       |
//! |-----------|----------------------------|----------------------------|----------------|-------|------------------|
//! | Asking    | collect; the fourth: check | –                          | –              | –     | say so, → Saying |
//! | Checking  | –                          | change, ask again or refuse | –              | –     | –                |
//! | Changing  | –                          | –                          | say so, → Saying | –   | –                |
//! | Saying    | –                          | –                          | –              | end   | end              |

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_model::{ExtensionId, HangupCause, LegId};
use wigwag_sansio::{Now, Secret, Tick};
use wigwag_sip::{sdp::Direction, session::Event};

use super::{
    CALLER, Call, MediaCommand, NotChanged, Output, Phase, Prompt, Sought, offer::CallerOffer, talking::Talking,
};
use crate::routing::{Change, Saying, Treatment};

/// Digits of a PIN (A27).
const PIN_DIGITS: usize = 4;
/// Times that a PIN may be entered in one call; the company's own count goes over all calls.
const PIN_TRIES: u8 = 3;
/// How long one may take for all digits.
const ENTERING: Duration = Duration::from_secs(15);
/// Longer than anything the exchange has to say.
const SAYING: Duration = Duration::from_secs(60);

/// The exchange has taken the caller.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Treating {
    step: Step,
}

#[derive(Debug, Serialize, Deserialize)]
enum Step {
    /// The digits of a PIN are collected.
    Asking {
        pin: Asked,
        digits: Secret<String>,
        until: Tick,
    },
    /// They are being compared.
    Checking(Asked),
    /// Something is being changed.
    Changing(Change),
    /// The caller hears the last words.
    Saying { until: Tick },
}

/// What a PIN is asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Asked {
    of: ExtensionId,
    then: Change,
    tries_left: u8,
}

/// Whether a PIN was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PinVerdict {
    /// It was.
    Right,
    /// It was not.
    Wrong,
    /// It is not looked at: it was wrong too often.
    Locked,
}

impl Treating {
    /// When something is due.
    pub(super) fn deadline(&self) -> Option<Tick> {
        match self.step {
            Step::Asking { until, .. } | Step::Saying { until } => Some(until),
            Step::Checking(_) | Step::Changing(_) => None,
        }
    }
}

impl Call {
    /// The exchange itself takes the caller.
    pub(super) fn treat(&mut self, treatment: &Treatment, offer: &CallerOffer, now: Now) {
        match treatment {
            Treatment::Echo => {
                self.phase = Phase::Talking(Talking::alone());
                self.answer_by_exchange(offer, now);
                if let Phase::Talking(_) = self.phase {
                    self.media(MediaCommand::Echo { leg: CALLER });
                }
            }
            Treatment::Say(saying) => self.only_say(saying.clone(), offer, now),
            Treatment::Change(change) => {
                self.phase = Phase::Treating(Treating {
                    step: Step::Changing(*change),
                });
                self.answer_by_exchange(offer, now);
                self.change(*change);
            }
            Treatment::Ask { pin_of, then } => {
                let asked = Asked {
                    of: *pin_of,
                    then: *then,
                    tries_left: PIN_TRIES,
                };
                self.phase = Phase::Treating(Treating {
                    step: Step::Checking(asked),
                });
                self.answer_by_exchange(offer, now);
                self.media(MediaCommand::Listen { leg: CALLER });
                self.ask_for_pin(asked, Prompt::EnterPin, now);
            }
            Treatment::PickUp(which) => self.seek(Sought::Ringing(which.clone()), offer),
            Treatment::Park { place: Some(place) } => self.seek(Sought::Parked(*place), offer),
            Treatment::Park { place: None } => {
                self.park(CALLER, CALLER, None, now);
                self.answer_by_exchange(offer, now);
            }
        }
    }

    /// The caller hears something, and the call ends.
    pub(super) fn only_say(&mut self, saying: Saying, offer: &CallerOffer, now: Now) {
        let until = now.tick + SAYING;
        self.phase = Phase::Treating(Treating {
            step: Step::Saying { until },
        });
        self.answer_by_exchange(offer, now);
        self.say(Prompt::Say(saying), now);
    }

    fn answer_by_exchange(&mut self, offer: &CallerOffer, now: Now) {
        self.answer_caller(offer, &offer.capabilities(), Direction::SendRecv, now);
    }

    pub(super) fn heard_while_treating(&mut self, id: LegId, event: Event, now: Now) {
        match event {
            Event::Digit(digit) => self.pressed(id, digit.key(), now),
            Event::Confirmed { sdp: Some(sdp) } => self.confirmed(id, &sdp, now),
            Event::Offered { sdp, by } => self.offered(id, sdp.as_ref(), by, now),
            Event::OfferAnswered { sdp } => self.offer_answered(id, &sdp, now),
            Event::Other { key, .. } => self.refuse_other(id, key, now),
            Event::Ended(ended) => self.hung_up(id, &ended, now),
            Event::Confirmed { sdp: None }
            | Event::Referred(_)
            | Event::OfferRefused { .. }
            | Event::OfferWithdrawn
            | Event::Progress { .. }
            | Event::Answered { .. }
            | Event::Info(_)
            | Event::Replied { .. } => {}
        }
    }

    /// Whether the exchange itself has the caller.
    pub(super) fn is_treated(&self) -> bool {
        matches!(self.phase, Phase::Treating(_))
    }

    /// The caller has pressed a key.
    pub(super) fn pressed_while_treated(&mut self, key: char) {
        let Phase::Treating(treating) = &mut self.phase else {
            return;
        };
        let Step::Asking { pin, digits, .. } = &mut treating.step else {
            return;
        };
        if !key.is_ascii_digit() {
            return;
        }
        let mut collected = digits.expose().clone();
        collected.push(key);
        if collected.len() < PIN_DIGITS {
            *digits = Secret::new(collected);
            return;
        }
        let pin = *pin;
        treating.step = Step::Checking(pin);
        self.media(MediaCommand::Stop { leg: CALLER });
        let digits = Secret::new(collected);
        self.outputs.push_back(Output::CheckPin { of: pin.of, digits });
    }

    /// It is known whether the PIN was right.
    pub(super) fn pin_checked(&mut self, verdict: PinVerdict, now: Now) {
        let Phase::Treating(Treating {
            step: Step::Checking(asked),
        }) = &self.phase
        else {
            return;
        };
        let asked = *asked;
        match verdict {
            PinVerdict::Right => {
                self.phase = Phase::Treating(Treating {
                    step: Step::Changing(asked.then),
                });
                self.change(asked.then);
            }
            PinVerdict::Wrong if asked.tries_left > 1 => {
                let again = Asked {
                    tries_left: asked.tries_left - 1,
                    ..asked
                };
                self.ask_for_pin(again, Prompt::WrongPin, now);
            }
            PinVerdict::Wrong | PinVerdict::Locked => self.say(Prompt::NotChanged(NotChanged::PinLocked), now),
        }
    }

    /// It is known whether something was changed.
    pub(super) fn changed(&mut self, result: Result<(), NotChanged>, now: Now) {
        let Phase::Treating(Treating {
            step: Step::Changing(change),
        }) = &self.phase
        else {
            return;
        };
        let prompt = match result {
            Ok(()) => Prompt::Changed(*change),
            Err(why) => Prompt::NotChanged(why),
        };
        self.say(prompt, now);
    }

    /// The caller has heard the last words.
    pub(super) fn has_heard(&mut self, now: Now) {
        if let Phase::Treating(Treating {
            step: Step::Saying { .. },
        }) = self.phase
        {
            self.end(HangupCause::NormalClearing, now);
        }
    }

    /// Nothing was pressed in time, or the last words never ended.
    pub(super) fn treated_too_long(&mut self, now: Now) {
        let is_asking = matches!(
            self.phase,
            Phase::Treating(Treating {
                step: Step::Asking { .. }
            })
        );
        if is_asking {
            self.say(Prompt::NotChanged(NotChanged::TooLate), now);
        } else {
            self.has_heard(now);
        }
    }

    fn ask_for_pin(&mut self, pin: Asked, prompt: Prompt, now: Now) {
        let Phase::Treating(treating) = &mut self.phase else {
            return;
        };
        let (digits, until) = (Secret::default(), now.tick + ENTERING);
        treating.step = Step::Asking { pin, digits, until };
        self.media(MediaCommand::Play { leg: CALLER, prompt });
    }

    fn change(&mut self, change: Change) {
        if let Phase::Treating(_) = self.phase {
            self.outputs.push_back(Output::Change(change));
        }
    }

    /// The last words.
    fn say(&mut self, prompt: Prompt, now: Now) {
        let Phase::Treating(treating) = &mut self.phase else {
            return;
        };
        let until = now.tick + SAYING;
        treating.step = Step::Saying { until };
        self.media(MediaCommand::Play { leg: CALLER, prompt });
    }
}
