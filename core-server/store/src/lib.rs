//! What outlives the process: the database (SQLite or PostgreSQL), sealed secrets, the journal and the traces.
//!
//! Nobody else writes SQL. Whatever belongs to a company is asked of a [`TenantTx`]: [`Store::read`] looks,
//! [`Store::write`] changes and [commits](TenantTx::commit). Not finding something is `Ok(None)`. Times, identities
//! and randomness come in as arguments.

mod audit;
mod backup;
mod binding;
mod blocked_caller;
mod call_handling;
mod call_history;
mod company;
mod consumer;
mod contact;
mod db;
mod destination;
mod device;
mod directory;
mod error;
mod extension;
mod feature_codes;
mod forwarding_rule;
mod gateway;
mod hot_desk;
mod internal_number;
mod interval;
pub mod journal;
mod number;
mod pin;
mod platform_tx;
mod ring_group;
mod seal;
mod session;
mod setting;
mod store;
mod subscription;
mod tenant;
mod tenant_tx;
#[cfg(test)]
mod testing;
pub mod trace;
mod user;
mod uses;

pub use audit::{AuditFilter, AuditPage};
pub use backup::{BackupError, Contents, RestoreError, backup, restore};
pub use binding::{BindingChange, StoredBinding};
pub use call_history::{CallCursor, CallFilter, CallPage};
pub use consumer::Checkpoint;
pub use db::{DriverCode, DriverFailure, Fault, PendingMigration};
pub use directory::{DirectoryEntry, NumberEntry};
pub use error::StoreError;
pub use gateway::LoadedGateways;
pub use number::{QUARANTINE, StockPage};
pub use platform_tx::PlatformTx;
pub(crate) use seal::KeyRing;
pub use seal::{KeyRingError, SealError};
pub use session::Session;
pub use store::{OpenError, Store};
pub use subscription::{StoredSubscription, SubscriptionChange};
pub use tenant::{LoadedConfiguration, Quarantined};
pub use tenant_tx::{Committed, ReadOnly, ReadWrite, TenantTx};
pub use user::Credentials;
