//! What the tests of the product have in common: the server, phones of other makers, and ears.
//!
//! A wait is for an event and has a deadline; what does not come in time fails the test with the log of whoever was
//! waited for. Everything that is started here is ended when it is dropped.

mod baresip;
mod browser;
mod hearing;
mod netstring;
mod patience;
mod peer;
mod phone;
mod ports;
mod process;
mod server;
mod sipp;
mod stranger;
mod tone;
mod wav;

pub use baresip::{Account, Baresip, Codec, Encryption, Event, EventKind, Says, Setup, Transport};
pub use browser::Browser;
pub use hearing::Listener;
pub use patience::{PATIENCE, within};
pub use peer::require_peer;
pub use phone::{Call, CallState, Over, Phone, Registered, SipAccount};
pub use process::Process;
pub use reqwest::Method;
pub use server::program as server_program;
pub use server::{Api, Extension, Figures, Outcome, Ready, SipAddresses, TestServer, User};
pub use sipp::{Sipp, SippOutcome};
pub use stranger::{Letter, Stranger};
pub use tone::Tone;
pub use wav::Wav;
