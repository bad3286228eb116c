//! SIP over WebSockets (RFC 7118): the HTTP side of it, which ends with the upgrade.

mod origin;
mod port;
mod upgrade;

pub use port::{NoRoom, SipLine, SipPort, SipStream, Upgrade};
pub(crate) use upgrade::route;
