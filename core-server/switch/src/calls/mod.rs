//! Running calls, and how messages find them.

mod agenda;
mod desk;
mod joining;
mod live;
mod mail;
mod running;
mod table;
mod timekeeper;

pub(crate) use agenda::Agenda;
pub(crate) use desk::{Course, Desk};
pub(crate) use live::Live;
pub(crate) use mail::Mail;
pub(crate) use running::{Beginning, Running};
pub(crate) use table::{Fingerprint, Table};
pub(crate) use timekeeper::Timekeeper;
