//! The registrars of all extensions, their timers, and what of them outlives a restart.

mod book;
mod keeping;
mod messages;
mod shell;

pub(crate) use keeping::restore;
pub(crate) use messages::REGISTRAR_SUPPORTED;
pub(crate) use shell::{Registrations, phone};
