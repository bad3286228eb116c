//! Subscriptions, from the notifier's side (RFC 6665 §4.2): one SUBSCRIBE dialog usage is one machine.
//!
//! A [`Subscription`] is told what becomes of the watched resource and tells its subscriber, with at most one NOTIFY
//! under way and a least time between two; what happens meanwhile is summed up, so that the latest state wins.
//!
//! A driver
//!
//! - reads a SUBSCRIBE without To tag with [`Asked::read`], which refuses what cannot be served, finds the resource, and
//!   begins a [`Subscription`];
//! - finds the subscription of a later SUBSCRIBE by its To tag, and hands it in with the key of its server transaction;
//! - starts a client transaction for each [`Output::Notify`] and gives its answer or failure back;
//! - keeps the subscription until [`Output::Ended`].
//!
//! | state   | in it                                          | ends with                                  |
//! |---------|------------------------------------------------|--------------------------------------------|
//! | Active  | news → NOTIFY, SUBSCRIBE → longer              | Expires 0, time, the owner, a lost NOTIFY  |
//! | Closing | the last NOTIFY waits for its turn or answer   | its answer                                 |
//! | Over    | SUBSCRIBE → 481                                | –                                          |
//!
//! The REFER usage of a call has its own small notifier in [`session`](crate::session), since it shares that dialog.

mod asked;
mod io;
mod machine;
mod terms;
#[cfg(test)]
mod tests;
mod unsolicited;

pub use asked::Asked;
pub use io::{End, Input, NotifyToken, Output};
pub use machine::Subscription;
pub use terms::Terms;
pub use unsolicited::Unsolicited;
