//! Who is free, rings or is on the phone: the one source of lamps, presence and lists, folded from facts.
//!
//! [`PresenceBoard`] is told what phones and calls do, and tells what that makes of each extension. It asks nobody and
//! keeps nothing that ends: after a restart it is right again once it has been told of the live registrations and calls.

mod board;
mod call;
mod pick_up;
mod state;
#[cfg(test)]
mod tests;

pub use board::{Input, Output, PresenceBoard};
pub use pick_up::PickUp;
pub use state::{CallStage, ExtensionState, Messages, Presence, WatchedCall};
