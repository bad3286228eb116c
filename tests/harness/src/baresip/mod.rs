//! baresip, a telephone by another maker: a process of its own, driven over its control port.

mod control;
mod event;
mod phone;
mod setup;

pub use event::{Event, EventKind};
pub use phone::Baresip;
pub use setup::{Account, Codec, Encryption, Says, Setup, Transport};
