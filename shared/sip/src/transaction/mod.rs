//! Transactions (RFC 3261 §17, RFC 6026): four machines, and the layer that holds those of one shard.

pub mod client_invite;
pub mod client_non_invite;
pub mod server_invite;
pub mod server_non_invite;

mod client;
mod deadlines;
mod derived;
mod exchange;
mod failure;
#[cfg(test)]
mod fixture;
mod flow;
mod key;
mod layer;
#[cfg(test)]
mod layer_tests;
mod outbox;
mod packet;
mod server;
mod timers;

pub use client_invite::ClientInvite;
pub use client_non_invite::ClientNonInvite;
pub use exchange::{Event, Gone, Hop, Output, Received, Refusal, Settings, Tally};
pub use failure::Failure;
pub use flow::{FlowId, Link};
pub use key::{ClientKey, ServerKey};
pub use layer::Layer;
pub use packet::Packet;
pub use server_invite::ServerInvite;
pub use server_non_invite::ServerNonInvite;
pub use timers::{Reliability, Timers};
