//! Samples to payloads and back, for sounds that we make, mix, transcode or measure; relayed sound is never decoded.

mod coding;
mod decoder;
mod encoder;
mod g711;
mod g722;

pub(crate) use coding::Coding;
pub use decoder::Decoder;
pub use encoder::Encoder;
pub use g711::{alaw_from_linear, linear_from_alaw, linear_from_ulaw, ulaw_from_linear};
