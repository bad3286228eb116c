//! Typed headers, one file each; raw values are read on demand.
//!
//! To add one: a file here with its RFC on the first line, a line in this list, its name in `wire/name.rs`.

mod support;

mod accept;
mod alert_info;
mod allow;
mod allow_events;
mod authentication_info;
mod authorization;
mod call_id;
mod challenge;
mod contact;
mod content_type;
mod credentials;
mod cseq;
mod date;
mod diversion;
mod event;
mod expires;
mod flow_timer;
mod from;
mod max_forwards;
mod min_expires;
mod min_se;
mod name_addr;
mod p_asserted_identity;
mod p_preferred_identity;
mod path;
mod privacy;
mod proxy_authenticate;
mod proxy_authorization;
mod proxy_require;
mod rack;
mod reason;
mod record_route;
mod refer_to;
mod referred_by;
mod remote_party_id;
mod replaces;
mod require;
mod retry_after;
mod route;
mod rseq;
mod server;
mod service_route;
mod session_expires;
mod subscription_state;
mod supported;
mod to;
mod unsupported;
mod user_agent;
mod via;
mod www_authenticate;

use std::fmt;

use super::{error::Malformed, name::HeaderName};

pub use accept::Accept;
pub use alert_info::AlertInfo;
pub use allow::Allow;
pub use allow_events::AllowEvents;
pub use authentication_info::AuthenticationInfo;
pub use authorization::Authorization;
pub use call_id::CallId;
pub use challenge::{Challenge, DigestChallenge};
pub use contact::Contact;
pub use content_type::ContentType;
pub use credentials::{Credentials, DigestCredentials};
pub use cseq::CSeq;
pub use date::Date;
pub use diversion::Diversion;
pub use event::Event;
pub use expires::Expires;
pub use flow_timer::FlowTimer;
pub use from::From;
pub use max_forwards::MaxForwards;
pub use min_expires::MinExpires;
pub use min_se::MinSe;
pub use name_addr::NameAddr;
pub use p_asserted_identity::PAssertedIdentity;
pub use p_preferred_identity::PPreferredIdentity;
pub use path::Path;
pub use privacy::Privacy;
pub use proxy_authenticate::ProxyAuthenticate;
pub use proxy_authorization::ProxyAuthorization;
pub use proxy_require::ProxyRequire;
pub use rack::RAck;
pub use reason::Reason;
pub use record_route::RecordRoute;
pub use refer_to::ReferTo;
pub use referred_by::ReferredBy;
pub use remote_party_id::RemotePartyId;
pub use replaces::Replaces;
pub use require::Require;
pub use retry_after::RetryAfter;
pub use route::Route;
pub use rseq::RSeq;
pub use server::Server;
pub use service_route::ServiceRoute;
pub use session_expires::{Refresher, SessionExpires};
pub use subscription_state::{Subscription, SubscriptionState};
pub use supported::Supported;
pub use to::To;
pub use unsupported::Unsupported;
pub use user_agent::UserAgent;
pub use via::{Transport, Via};
pub use www_authenticate::WwwAuthenticate;

/// A header that this crate can read and print.
pub trait Header: Sized + fmt::Display {
    /// Its name.
    const NAME: HeaderName;
    /// How several values of it travel.
    const MULTIPLICITY: Multiplicity;

    /// Reads one value (one element of a list), which may contain folds.
    fn parse(value: &[u8]) -> Result<Self, Malformed>;
}

/// How several values of one header travel (RFC 3261 §7.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplicity {
    /// There is one value only; a second one is an error.
    One,
    /// Each value has a line of its own, and commas belong to the value.
    Lines,
    /// Values are separated by commas or stand on lines of their own.
    List,
    /// All lines together are one value.
    Set,
}
