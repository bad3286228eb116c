//! The product itself: the built `wigwag` with a demo company, its addresses, and its API.

mod api;
mod build;
mod ready;
mod test_server;

pub use api::Api;
pub use ready::{Extension, Ready, SipAddresses, User};
pub use test_server::TestServer;
