//! The contract that every pure part of WigWag keeps: decide in memory, be told the time, say what to do.
//!
//! A [`Machine`] never reads a clock, rolls a die, waits, locks or sends. Whoever drives it passes in what
//! happened together with [`Now`], drains [`Machine::poll`] to `None`, carries the outputs out, and comes back
//! at [`Machine::deadline`] at the latest. That makes every machine testable on virtual time, replayable from a
//! recorded input list, serialisable in the middle of its life, and portable to wasm.

mod entropy;
mod machine;
mod pii;
mod secret;
mod time;

#[cfg(feature = "testing")]
pub mod testing;

pub use entropy::Entropy;
pub use machine::Machine;
pub use pii::Pii;
pub use secret::Secret;
pub use time::{Now, Tick, Utc};
