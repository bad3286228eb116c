//! Proof that a machine can move to another process between any two inputs.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

use crate::{Machine, Now, Tick};

/// A machine that is frozen and thawed before every input; the thawed one has to do exactly what the first does.
///
/// Outputs are compared as ice, because `Debug` text hides what is private.
#[derive(Debug)]
pub struct FreezeThaw<M>(M);

impl<M> FreezeThaw<M>
where
    M: Machine + Serialize + DeserializeOwned,
    M::Input: Clone,
    M::Output: Debug + Serialize,
{
    /// Watches over `machine`.
    pub fn new(machine: M) -> Self {
        FreezeThaw(machine)
    }

    /// The machine inside.
    pub fn inner(&self) -> &M {
        &self.0
    }

    /// Takes one input and gives back all outputs it causes.
    ///
    /// # Panics
    /// When the thawed machine's outputs or deadline differ, or the machine cannot be frozen.
    pub fn handle(&mut self, input: M::Input, now: Now) -> Vec<M::Output> {
        self.act(|machine| machine.handle(input.clone(), now)).1
    }

    /// Lets timers fire and gives back all outputs they cause.
    ///
    /// # Panics
    /// As [`FreezeThaw::handle`].
    pub fn handle_timeout(&mut self, now: Now) -> Vec<M::Output> {
        self.act(|machine| machine.handle_timeout(now)).1
    }

    /// When the machine wants to be called next.
    pub fn deadline(&self) -> Option<Tick> {
        self.0.deadline()
    }

    /// Does anything with the machine; gives back what that answers and all outputs it causes.
    ///
    /// # Panics
    /// As [`FreezeThaw::handle`], and when the thawed machine answers otherwise.
    pub fn act<R: Debug>(&mut self, act: impl Fn(&mut M) -> R) -> (R, Vec<M::Output>) {
        let mut thawed = thaw(&self.0);
        let (answer, outputs) = (act(&mut self.0), drain(&mut self.0));
        let (again, outputs_again) = (act(&mut thawed), drain(&mut thawed));
        assert_eq!(
            format!("{answer:?}"),
            format!("{again:?}"),
            "a thawed machine answers differently"
        );
        assert!(
            ice(&outputs) == ice(&outputs_again),
            "a thawed machine acts differently: {outputs_again:?} instead of {outputs:?}"
        );
        assert_eq!(
            self.0.deadline(),
            thawed.deadline(),
            "a thawed machine waits for another time"
        );
        (answer, outputs)
    }
}

fn thaw<M: Serialize + DeserializeOwned>(machine: &M) -> M {
    postcard::from_bytes(&ice(machine)).expect("what was frozen can be thawed")
}

fn ice(data: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(data).expect("a machine and what it wants are plain data")
}

fn drain<M: Machine>(machine: &mut M) -> Vec<M::Output> {
    std::iter::from_fn(|| machine.poll()).collect()
}
