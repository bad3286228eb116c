//! A phone of our own: a real user agent on the product's SIP library, for tests that need more than other makers' do.

mod account;
mod agent;
mod call;
mod device;
mod ear;
mod leg;
mod registration;
mod sink;
mod state;
mod ulaw;
mod voice;

pub use account::SipAccount;
pub use call::Call;
pub use device::Phone;
pub use registration::Registered;
pub use state::{CallState, Over};
