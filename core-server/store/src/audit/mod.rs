//! The audit log: every change with who made it, when, and how the thing was before and after.
//!
//! A change is written where it is made: [`TenantTx::changed`](crate::TenantTx) is what makes calls follow a change,
//! and the same words put it into the log, in the same transaction.

mod audited;
mod list;
mod record;

pub(crate) use audited::Audited;
pub use list::{AuditFilter, AuditPage};
pub(crate) use record::{Owner, record};

pub(crate) const TABLE: &str = "audit_log";
