//! Lamps: who watches which extension, what they are told, and what of it outlives a restart (RFC 6665).
//!
//! ```text
//!  registrations, calls ──facts──▶ lamps (PresenceBoard) ──news──▶ book (one Subscription each) ──▶ NOTIFY
//! ```
//!
//! Facts only change the board. A task of its own tells the watchers, so that no call waits for its lamps, and of several
//! changes of one extension only the last is told.

mod book;
mod document;
mod keeping;
mod lamps;
mod shell;

pub(crate) use keeping::restore;
pub(crate) use shell::{Subscriptions, extension_in};
