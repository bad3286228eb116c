//! Running calls: one task for each, and how messages find it.

mod live;
mod mail;
mod table;
mod task;

pub(crate) use live::Live;
pub(crate) use mail::Mail;
pub(crate) use table::{Fingerprint, Table};
pub(crate) use task::{Beginning, CallTask};
