//! The media plane through its public interface, with phones on loopback.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod phone;
mod ports;
mod relay;
mod sounds;
mod stage;
