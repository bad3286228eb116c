//! A PostgreSQL server for tests: a cluster of its own in a temporary folder, reached through a socket in there.
//!
//! Databases belong to the role `wigwag`, which is no superuser: row-level security holds for it.

mod cluster;
mod programs;
mod session;
mod shared;

pub use cluster::{Cluster, Encryption};
pub use shared::{SHARED, new_database};
