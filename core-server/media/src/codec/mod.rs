//! Samples to payloads and back, for sounds that we make or measure; relayed sound is never decoded.

mod decoder;
mod encoder;
mod g711;

pub use decoder::Decoder;
pub use encoder::Encoder;
pub use g711::{alaw_from_linear, linear_from_alaw, linear_from_ulaw, ulaw_from_linear};
