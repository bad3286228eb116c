//! An answered call: changes of the session, its refresh, other requests, its end (RFC 3261 §12.2, §14, §15).

mod offers;
mod proposals;
mod refresh;
mod sends;
mod usage;

pub(super) use offers::UPDATE_PATIENCE;
pub(super) use usage::{Answer, Established, FirstAnswer};
