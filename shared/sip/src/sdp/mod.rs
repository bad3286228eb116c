//! Session descriptions (RFC 8866), offer and answer (RFC 3264), for a back-to-back user agent that relays audio.
//!
//! Text becomes a [`Description`], a description becomes an [`AudioDescription`], and each leg of a call keeps one
//! [`Negotiation`], which makes offers and answers and ends in an [`Agreement`]. A [`PayloadMap`] joins two of them.

mod address;
mod attribute;
mod audio;
mod capabilities;
mod codec;
mod crypto;
mod description;
mod direction;
mod events;
mod format;
pub mod limits;
mod media;
mod negotiation;
mod origin;
mod parse;
mod payload_map;
mod section;

#[cfg(test)]
mod tests;

pub use address::Address;
pub use attribute::Attribute;
pub use audio::{AudioDescription, Security};
pub use capabilities::Capabilities;
pub use codec::Codec;
pub use crypto::{Crypto, InlineKey, KeySalt, Mki, Suite};
pub use description::Description;
pub use direction::Direction;
pub use format::Format;
pub use media::{Media, MediaKind, Protocol};
pub use negotiation::{Agreement, LocalAudio, Negotiation, NegotiationError, SrtpKeys};
pub use origin::Origin;
pub use parse::{Fault, ParseError};
pub use payload_map::PayloadMap;
pub use section::{Line, Section};
