//! Secrets at rest: sealed under a key ring in the data folder, each bound to its place.

mod key_ring;
mod rotate;
mod sealed;

pub(crate) use key_ring::KeyRing;
pub use key_ring::KeyRingError;
pub(crate) use rotate::reseal;
pub(crate) use sealed::Place;
pub use sealed::SealError;
