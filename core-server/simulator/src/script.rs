//! The steps that a side of a call takes, and when. Pure.

use std::collections::VecDeque;

use wigwag_sansio::Tick;

use crate::behaviour::Step;

/// The steps that are left, and what they wait for.
#[derive(Debug, Default)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    waits: Waits,
}

#[derive(Debug, Default)]
enum Waits {
    #[default]
    Nothing,
    Until(Tick),
    Answer,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Script {
        Script {
            steps: steps.into_iter().collect(),
            waits: Waits::Nothing,
        }
    }

    /// The step that is due now.
    pub(crate) fn next(&mut self, now: Tick) -> Option<Step> {
        loop {
            match self.waits {
                Waits::Nothing => {}
                Waits::Until(due) if due <= now => self.waits = Waits::Nothing,
                Waits::Until(_) | Waits::Answer => return None,
            }
            match self.steps.pop_front()? {
                Step::Wait(pause) => self.waits = Waits::Until(now + pause),
                Step::AwaitAnswer => self.waits = Waits::Answer,
                step @ (Step::Ring
                | Step::Announce(_)
                | Step::Answer(_)
                | Step::Refuse { .. }
                | Step::Say(_)
                | Step::Press(_)
                | Step::Hold
                | Step::Propose
                | Step::AskForOffer
                | Step::HangUp) => return Some(step),
            }
        }
    }

    /// The other side has answered.
    pub(crate) fn answered(&mut self) {
        if let Waits::Answer = self.waits {
            self.waits = Waits::Nothing;
        }
    }

    /// Nothing more will be done.
    pub(crate) fn end(&mut self) {
        *self = Script::default();
    }

    /// When the next step is due.
    pub(crate) fn deadline(&self) -> Option<Tick> {
        match self.waits {
            Waits::Until(due) => Some(due),
            Waits::Nothing | Waits::Answer => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn steps_are_taken_when_they_are_due() {
        let mut script = Script::new([Step::Ring, Step::Wait(SECOND), Step::Hold, Step::HangUp]);
        assert_eq!(script.next(Tick::ZERO), Some(Step::Ring));
        assert_eq!(script.next(Tick::ZERO), None);
        let due = Tick::ZERO + SECOND;
        assert_eq!(script.deadline(), Some(due));
        assert_eq!(script.next(due), Some(Step::Hold));
        assert_eq!(script.next(due), Some(Step::HangUp));
        assert_eq!((script.next(due), script.deadline()), (None, None));
    }

    #[test]
    fn a_caller_waits_for_the_answer_and_a_pause_is_not_cut_short_by_it() {
        let mut script = Script::new([Step::AwaitAnswer, Step::Wait(SECOND), Step::HangUp]);
        assert_eq!((script.next(Tick::ZERO), script.deadline()), (None, None));
        script.answered();
        assert_eq!(script.next(Tick::ZERO), None);
        script.answered();
        assert_eq!(script.next(Tick::ZERO), None);
        assert_eq!(script.next(Tick::ZERO + SECOND), Some(Step::HangUp));
    }

    #[test]
    fn an_ended_script_does_nothing() {
        let mut script = Script::new([Step::Wait(SECOND), Step::HangUp]);
        assert_eq!(script.next(Tick::ZERO), None);
        script.end();
        assert_eq!((script.next(Tick::ZERO + SECOND), script.deadline()), (None, None));
    }
}
