//! Where a call gets its mail: whoever brings some turns the call, there and then.
//!
//! What is brought while somebody turns the call is left lying, and that somebody takes it next. So a call is turned by
//! one at a time and in the order of its mail, nobody waits for anybody, and a message wakes no task on its way.

use std::{
    collections::VecDeque,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

use parking_lot::Mutex;

/// What may lie on a desk; what does not fit is dropped, as a network would: whoever sent it sends it again.
const MOST_WAITING: usize = 256;

/// The desk of one call `C` with mail `M`.
#[derive(Debug)]
pub(crate) struct Desk<C, M>(Mutex<State<C, M>>);

#[derive(Debug)]
enum State<C, M> {
    /// Nobody turns the call.
    Idle(Box<C>),
    /// Somebody turns it, or is about to begin it.
    Busy {
        waiting: VecDeque<M>,
    },
    Over,
}

/// Whether a call goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    GoesOn,
    IsOver,
}

impl<C, M> Desk<C, M> {
    /// The desk of a call that is about to begin.
    pub(crate) fn new() -> Self {
        Desk(Mutex::new(State::busy()))
    }

    /// The call has begun, and may be over already: takes what has come meanwhile.
    pub(crate) fn begin(&self, (call, course): (Box<C>, Course), turn: impl Fn(&mut C, M) -> Course) {
        match course {
            Course::GoesOn => self.turn(call, None, turn),
            Course::IsOver => self.close(),
        }
    }

    /// Turns the call, or leaves the mail to who does; false when the call is over or too much is waiting.
    pub(crate) fn bring(&self, mail: M, turn: impl Fn(&mut C, M) -> Course) -> bool {
        let mut state = self.0.lock();
        match mem::replace(&mut *state, State::busy()) {
            State::Idle(call) => {
                drop(state);
                self.turn(call, Some(mail), turn);
                true
            }
            State::Busy { mut waiting } => {
                let fits = waiting.len() < MOST_WAITING;
                if fits {
                    waiting.push_back(mail);
                }
                *state = State::Busy { waiting };
                fits
            }
            State::Over => {
                *state = State::Over;
                false
            }
        }
    }

    /// Ends the call without another word.
    pub(crate) fn close(&self) {
        let before = mem::replace(&mut *self.0.lock(), State::Over);
        drop(before);
    }

    /// Turns the call until nothing is left to do; a panic, which would be a mistake of ours, ends this one call.
    fn turn(&self, mut call: Box<C>, mut next: Option<M>, turn: impl Fn(&mut C, M) -> Course) {
        loop {
            if let Some(mail) = next
                && !matches!(
                    catch_unwind(AssertUnwindSafe(|| turn(&mut call, mail))),
                    Ok(Course::GoesOn)
                )
            {
                self.close();
                return;
            }
            let mut state = self.0.lock();
            // It may have been closed meanwhile.
            let State::Busy { waiting } = &mut *state else { return };
            next = waiting.pop_front();
            if next.is_none() {
                *state = State::Idle(call);
                return;
            }
        }
    }
}

impl<C, M> State<C, M> {
    fn busy() -> Self {
        State::Busy {
            waiting: VecDeque::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;

    /// A call that notes its mail.
    type Notes = Desk<Vec<u32>, u32>;

    fn note(call: &mut Vec<u32>, mail: u32) -> Course {
        call.push(mail);
        Course::GoesOn
    }

    fn noted(desk: &Notes) -> Vec<u32> {
        match &*desk.0.lock() {
            State::Idle(call) => (**call).clone(),
            State::Busy { .. } | State::Over => Vec::new(),
        }
    }

    #[test]
    fn a_call_that_is_over_as_soon_as_it_has_begun_is_not_kept() {
        let call = Arc::new(());
        let desk: Desk<Arc<()>, u32> = Desk::new();
        desk.begin((Box::new(call.clone()), Course::IsOver), |_, _| Course::GoesOn);
        assert_eq!(Arc::strong_count(&call), 1);
        assert!(!desk.bring(1, |_, _| Course::GoesOn));
    }

    #[test]
    fn what_a_turn_brings_to_its_own_call_is_taken_after_it_and_not_within_it() {
        let desk = Notes::new();
        assert!(desk.bring(1, note));
        desk.begin((Box::default(), Course::GoesOn), note);
        desk.bring(2, |call, mail| {
            if mail == 2 {
                assert!(desk.bring(3, note));
            }
            note(call, mail)
        });
        assert_eq!(noted(&desk), [1, 2, 3]);
    }

    #[test]
    fn many_threads_lose_nothing_and_each_keeps_its_order() {
        let desk = Arc::new(Notes::new());
        desk.begin((Box::default(), Course::GoesOn), note);
        let threads = (0..4).map(|thread| {
            let desk = desk.clone();
            thread::spawn(move || {
                for number in 0..50 {
                    assert!(desk.bring(thread * 1_000 + number, note));
                }
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let noted = noted(&desk);
        assert_eq!(noted.len(), 200);
        for thread in 0..4 {
            let own: Vec<u32> = noted.iter().copied().filter(|mail| mail / 1_000 == thread).collect();
            assert!(own.is_sorted());
        }
    }

    #[test]
    fn a_call_that_is_over_or_has_panicked_takes_no_more() {
        let desk = Notes::new();
        desk.begin((Box::default(), Course::GoesOn), note);
        assert!(desk.bring(1, |_, _| Course::IsOver));
        assert!(!desk.bring(2, note));
        let desk = Notes::new();
        desk.begin((Box::default(), Course::GoesOn), note);
        assert!(desk.bring(1, |_, _| panic!("as a mistake would")));
        assert!(!desk.bring(2, note));
    }

    #[test]
    fn no_more_than_fits_is_left_on_the_desk_of_a_busy_call() {
        let desk = Notes::new();
        let taken = (0..1_000).filter(|mail| desk.bring(*mail, note)).count();
        assert_eq!(taken, MOST_WAITING);
        desk.begin((Box::default(), Course::GoesOn), note);
        assert_eq!(noted(&desk).len(), MOST_WAITING);
    }
}
