//! What a pure state machine looks like to its driver.

use crate::{Now, Tick};

/// A state machine without input or output of its own.
///
/// The driver's duties, in this order, for every input:
///
/// 1. [`handle`](Machine::handle) (or [`handle_timeout`](Machine::handle_timeout)) exactly once,
/// 2. [`poll`](Machine::poll) until it answers `None`, carrying out each output,
/// 3. ask [`deadline`](Machine::deadline) and come back then at the latest.
///
/// A machine may assume that `now` never goes backwards and that its outputs were drained before the next input.
pub trait Machine {
    /// What can happen to the machine.
    type Input;
    /// What the machine wants done.
    type Output;

    /// Takes one input.
    fn handle(&mut self, input: Self::Input, now: Now);

    /// Lets every timer fire that is due at `now`; does nothing when called early.
    fn handle_timeout(&mut self, now: Now);

    /// Takes the next output, in the order in which they must be carried out.
    fn poll(&mut self) -> Option<Self::Output>;

    /// When [`handle_timeout`](Machine::handle_timeout) has to be called next, if ever.
    fn deadline(&self) -> Option<Tick>;
}
