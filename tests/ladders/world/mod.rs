//! A company, its phones and the exchange between them: everything but sockets, sound and the clock is real.

mod carrying_out;
mod drawing;
mod exchange;
mod hand;
mod joining;
mod media;
mod network;
mod office;
mod phone;
mod registrations;
mod running;
mod stage;
mod voice;

pub(crate) use network::Wire;
pub(crate) use phone::Phone;
pub(crate) use stage::World;
pub(crate) use voice::Voice;
