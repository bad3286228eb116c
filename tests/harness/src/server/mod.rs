//! The product itself: the built `wigwag` with a demo company, its addresses, and its API.

mod api;
mod build;
mod figures;
mod ready;
mod test_server;
mod tool;

pub use api::Api;
pub use build::program;
pub use figures::Figures;
pub use ready::{Extension, Ready, SipAddresses, User};
pub use test_server::TestServer;
pub use tool::Outcome;
