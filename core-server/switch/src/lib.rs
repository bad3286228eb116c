//! The switch: the shell around the pure exchange that talks to phones, keeps registrations and carries calls.
//!
//! ```text
//!  sip-io ──▶ sink ──▶ gate (who is it?) ──▶ registrations        ──▶ answers
//!               │                       ├──▶ subscriptions, texts
//!               │                       └──▶ invite (a new call)
//!               └──▶ calls::Table ──▶ one calls::CallTask a call ──▶ journal, SIP, media, trace
//! ```

mod arrivals;
mod calls;
mod config;
mod core;
mod crowd;
mod directory;
mod figures;
mod gate;
mod gruu;
mod hosts;
mod invite;
mod keeper;
mod lines;
mod metrics;
mod owner;
mod pulse;
mod reach;
mod registrations;
mod sink;
mod snapshots;
mod subscriptions;
mod switch;
mod texts;
mod trace;

pub use config::SwitchConfig;
pub use owner::Owner;
pub use switch::{Parts, Switch, SwitchError};
