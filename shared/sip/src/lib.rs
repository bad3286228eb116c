//! SIP without sockets or clocks: messages, digest, SDP, transactions and INVITE dialogs, for the server and every softphone.
//!
//! Layers, arrows pointing down: [`session`] → [`transaction`] → [`wire`]; [`subscription`] stands beside [`session`] and
//! takes its words from [`event_body`]; [`sdp`], [`digest`] and [`gruu`] stand beside them.

pub mod digest;
pub mod event_body;
pub mod gruu;
pub mod sdp;
pub mod session;
pub mod subscription;
pub mod transaction;
pub mod wire;
