//! The media plane through its public interface, with phones on loopback.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod encryption;
mod keys;
mod latching;
mod phone;
mod ports;
mod relay;
mod reports;
mod rooms;
mod sounds;
mod stage;
