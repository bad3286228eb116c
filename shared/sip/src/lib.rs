//! SIP without sockets or clocks: messages, digest, SDP, transactions and INVITE dialogs, for the server and every softphone.
//!
//! Layers, arrows pointing down: [`session`] → [`transaction`] → [`wire`]; [`sdp`], [`digest`] and [`gruu`] stand beside them.

pub mod digest;
pub mod gruu;
pub mod sdp;
pub mod session;
pub mod transaction;
pub mod wire;
