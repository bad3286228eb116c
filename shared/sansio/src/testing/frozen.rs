//! Proof that a machine can move to another process between any two inputs.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

use crate::{Machine, Now, Tick};

/// A machine that is frozen and thawed before every input; the thawed one has to do exactly what the first does.
///
/// Outputs are compared as `Debug` text, so that outputs need not be comparable.
#[derive(Debug)]
pub struct FreezeThaw<M>(M);

impl<M> FreezeThaw<M>
where
    M: Machine + Serialize + DeserializeOwned,
    M::Input: Clone,
    M::Output: Debug,
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
        self.step(|machine| machine.handle(input.clone(), now))
    }

    /// Lets timers fire and gives back all outputs they cause.
    ///
    /// # Panics
    /// As [`FreezeThaw::handle`].
    pub fn handle_timeout(&mut self, now: Now) -> Vec<M::Output> {
        self.step(|machine| machine.handle_timeout(now))
    }

    /// When the machine wants to be called next.
    pub fn deadline(&self) -> Option<Tick> {
        self.0.deadline()
    }

    fn step(&mut self, act: impl Fn(&mut M)) -> Vec<M::Output> {
        let mut thawed = thaw(&self.0);
        act(&mut self.0);
        act(&mut thawed);
        let outputs = drain(&mut self.0);
        let again = drain(&mut thawed);
        assert_eq!(
            format!("{outputs:?}"),
            format!("{again:?}"),
            "a thawed machine acts differently"
        );
        assert_eq!(
            self.0.deadline(),
            thawed.deadline(),
            "a thawed machine waits for another time"
        );
        outputs
    }
}

fn thaw<M: Serialize + DeserializeOwned>(machine: &M) -> M {
    let ice = postcard::to_allocvec(machine).expect("a machine's state is plain data");
    postcard::from_bytes(&ice).expect("what was frozen can be thawed")
}

fn drain<M: Machine>(machine: &mut M) -> Vec<M::Output> {
    std::iter::from_fn(|| machine.poll()).collect()
}
