//! What tests of machines need: virtual time, a bad network, and proof that a machine survives being frozen.

mod bad_network;
mod clock;
mod frozen;

pub use bad_network::{BadNetwork, Weather};
pub use clock::VirtualClock;
pub use frozen::FreezeThaw;
