//! Lines to the outside: connections to carriers, calls over them, and calls that come in by them.

mod book;
mod channels;
mod dns;
mod finding;
mod incoming;
mod server;
mod shell;
mod ways;

pub(crate) use channels::{Channel, Channels, TenantLine};
pub(crate) use incoming::begin;
pub(crate) use shell::Lines;
pub(crate) use ways::ways;
