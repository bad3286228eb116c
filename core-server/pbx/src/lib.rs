//! What a telephone exchange decides, without doing any of it: routing, registration, calls, presence.
//!
//! Everything here is pure: a decision depends on its arguments alone, so it can be tested on virtual time, shown to
//! people before it happens, and replayed afterwards.

pub mod call;
mod directory;
pub mod gateways;
pub mod guard;
mod handling;
mod parking;
pub mod presence;
pub mod registrar;
pub mod routing;
mod snapshot;

pub use directory::{Directory, Home, NumberHome};
pub use gateways::Gateways;
pub use handling::Handling;
pub use parking::ParkingLot;
pub use snapshot::{Credential, TenantSnapshot};
