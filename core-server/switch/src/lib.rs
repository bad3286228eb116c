//! The switch: the shell around the pure exchange that talks to phones, keeps registrations and carries calls.
//!
//! ```text
//!  sip-io ──▶ sink ──▶ gate (who is it?) ──▶ registrations        ──▶ answers
//!               │                       ├──▶ subscriptions, texts
//!               │                       └──▶ invite (a new call)
//!               └──▶ calls::Table ──▶ one calls::Running a call ──▶ journal, SIP, media, trace
//! ```

mod arrivals;
mod calls;
mod config;
mod configuration;
mod core;
mod crowd;
mod directory;
mod figures;
mod gate;
mod gateways;
mod gruu;
mod hosts;
mod invite;
mod keeper;
mod lines;
mod metrics;
mod owner;
mod prompts;
mod pulse;
mod reach;
mod registrations;
mod sink;
mod snapshots;
mod star_changes;
mod subscriptions;
mod switch;
mod texts;
mod trace;

pub use config::SwitchConfig;
pub use owner::Owner;
pub use switch::{Parts, Switch, SwitchError};
