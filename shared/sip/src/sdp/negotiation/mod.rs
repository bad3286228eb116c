//! Offer and answer on one leg (RFC 3264): the state that lasts, and what can be done with it.

mod accept;
mod agreement;
mod answer;
mod error;
mod leg;
mod numbering;
mod offer;
mod stream;

pub use agreement::{Agreement, SrtpKeys};
pub use error::NegotiationError;
pub use leg::{LocalAudio, Negotiation};
