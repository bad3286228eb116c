//! The load of sound: phones that call, and streams of RTP that are watched.

mod phones;
mod streams;

pub(crate) use phones::{Dialog, Phones, description, prove};
pub(crate) use streams::{Leg, Measured, run};
