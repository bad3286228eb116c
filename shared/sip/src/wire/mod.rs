//! SIP messages as they travel (RFC 3261): an index over the received octets, typed views on demand, edits by copying.

mod builder;
mod edit;
mod error;
pub mod header;
mod host;
mod index;
mod lex;
pub mod limits;
mod message;
mod method;
mod name;
mod params;
mod raw;
mod request;
mod response;
mod salvage;
mod status;
mod token;
mod uri;
mod validate;

pub use builder::{RequestBuilder, ResponseBuilder};
pub use edit::Edit;
pub use error::{Fault, HeaderError, Malformed, ParseError};
pub use header::{Header, Multiplicity};
pub use host::{Host, HostName};
pub use lex::unfold;
pub use message::Message;
pub use method::Method;
pub use name::HeaderName;
pub use params::Params;
pub use request::Request;
pub use response::Response;
pub use status::{NotStatus, StatusCode};
pub use token::{NotToken, Token};
pub use uri::{Escape, OtherUri, Scheme, SipUri, TelUri, Uri, UriParams, unescape};
pub use validate::Violation;
