//! The HTTP API: one endpoint = one file, described by the OpenAPI document that it is compiled into.
//!
//! Nobody else but the server names axum. What carries calls is asked through [`SwitchPort`].

mod access;
mod audit_log;
mod blocked_callers;
mod caller;
mod calls;
mod changed;
mod contacts;
mod destinations;
mod devices;
mod error;
mod extensions;
mod extract;
mod feature_codes;
mod forwarding_rules;
mod front_page;
mod health;
mod hot_desks;
mod https;
mod in_use;
mod intervals;
mod layer;
mod live_calls;
mod me;
mod metrics;
mod monitoring;
mod numbers;
mod openapi;
mod password;
mod pins;
mod platform;
mod port;
mod ring_groups;
mod router;
mod serve;
mod sessions;
mod settings;
mod sign_in;
mod simulate;
mod sip;
mod state;
mod tenant;
#[cfg(test)]
mod testing;

pub use https::{Https, HttpsError};
pub use openapi::{openapi, openapi_text};
pub use password::hash_password;
pub use port::{DirectoryChange, Reply, SwitchPort, SwitchUnavailable};
pub use router::router;
pub use serve::serve;
pub use sip::{NoRoom, SipLine, SipPort, SipStream, Upgrade};
pub use state::{ApiParts, ApiSettings, ApiState, Clock};
