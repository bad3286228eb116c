//! SIP, SIPS and tel URIs, and what to do with others (RFC 3261 §19.1, RFC 3966).

mod any;
mod compare;
mod escape;
mod other;
mod sip;
mod tel;

pub use any::Uri;
pub use escape::{Escape, unescape};
pub use other::OtherUri;
pub use sip::{Scheme, SipUri, UriParams};
pub use tel::TelUri;
