//! The explanation of a call: what was decided, what happened, and every SIP message, secrets masked.

mod mask;
mod recorder;
mod story;

pub(crate) use recorder::{Recorder, read};
