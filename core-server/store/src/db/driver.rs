//! What the driver says when it fails, without a word of its text: that may quote what people typed.

use std::{borrow::Cow, fmt, io};

use sqlx::error::{DatabaseError, ErrorKind};
use thiserror::Error;
use tracing::debug;

use crate::StoreError;

/// The database refused or could not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the database {fault}{code}")]
pub struct DriverFailure {
    /// What kind of trouble it is.
    pub fault: Fault,
    /// The database's own code for it.
    pub code: DriverCode,
}

/// What kind of trouble a database can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Somebody else holds it for too long.
    #[error("is busy")]
    Busy,
    /// It cannot be reached, or the connection broke.
    #[error("cannot be reached")]
    Unreachable,
    /// Its disk is full.
    #[error("has no space left")]
    Full,
    /// Its files cannot be read or written.
    #[error("cannot read or write its files")]
    Disk,
    /// The address or the sign-in is wrong.
    #[error("address is not valid")]
    Address,
    /// A migration cannot be applied, or one that was applied has changed.
    #[error("schema cannot be brought up to date")]
    Migration,
    /// A rule of the schema was broken, or a value is none that the database can keep.
    #[error("refused the change")]
    Constraint,
    /// Anything else; the log has the driver's text at DEBUG.
    #[error("failed")]
    Other,
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        StoreError::Driver(DriverFailure {
            fault,
            code: DriverCode::default(),
        })
    }
}

impl Fault {
    /// Whether the same attempt may succeed later without anybody changing it.
    pub const fn is_transient(self) -> bool {
        match self {
            Fault::Busy | Fault::Unreachable | Fault::Full | Fault::Disk => true,
            Fault::Address | Fault::Migration | Fault::Constraint | Fault::Other => false,
        }
    }
}

/// Up to eight characters: an SQLSTATE, or the number of an SQLite result; empty when there is none.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct DriverCode([u8; 8]);

impl DriverCode {
    fn of(error: &dyn DatabaseError) -> Self {
        let mut code = [0; 8];
        for (to, from) in code.iter_mut().zip(error.code().unwrap_or(Cow::Borrowed("")).bytes()) {
            *to = from;
        }
        DriverCode(code)
    }

    fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        str::from_utf8(&self.0[..end]).unwrap_or("")
    }
}

impl fmt::Display for DriverCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            "" => Ok(()),
            code => write!(f, " (code {code})"),
        }
    }
}

impl fmt::Debug for DriverCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Unique indexes as PostgreSQL and SQLite name them, and the field that a person sees.
const UNIQUE: &[(&str, &str, &str)] = &[
    ("gateways_name", "gateways.name", "name"),
    ("users_username", "users.username", "username"),
    ("extensions_number", "extensions.tenant_id, extensions.number", "number"),
    ("extensions_sip_username", "extensions.sip_username", "sip_username"),
];

/// Sorts a driver's error and drops its text.
pub(crate) fn driver_error(error: sqlx::Error) -> StoreError {
    debug!(error = %error, "the database driver reports an error");
    if let sqlx::Error::Database(error) = &error {
        return database_error(error.as_ref());
    }
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the driver's list is open, and what is left of it is a mistake of ours"
    )]
    let fault = match &error {
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::StorageFull => Fault::Full,
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed | sqlx::Error::PoolClosed => {
            Fault::Unreachable
        }
        sqlx::Error::PoolTimedOut => Fault::Busy,
        sqlx::Error::Configuration(_) => Fault::Address,
        sqlx::Error::Migrate(_) => Fault::Migration,
        _ => Fault::Other,
    };
    fault.into()
}

fn database_error(error: &dyn DatabaseError) -> StoreError {
    let kind = error.kind();
    if matches!(kind, ErrorKind::UniqueViolation)
        && let Some(field) = field_in_conflict(error)
    {
        return StoreError::Conflict { field };
    }
    let code = DriverCode::of(error);
    let fault = match kind {
        ErrorKind::UniqueViolation
        | ErrorKind::ForeignKeyViolation
        | ErrorKind::NotNullViolation
        | ErrorKind::CheckViolation
        | ErrorKind::ExclusionViolation => Fault::Constraint,
        ErrorKind::Other | _ => fault_of_code(code.as_str()),
    };
    StoreError::Driver(DriverFailure { fault, code })
}

fn field_in_conflict(error: &dyn DatabaseError) -> Option<&'static str> {
    let found = |&&(postgres, sqlite, _): &&(&str, &str, &str)| match error.constraint() {
        Some(constraint) => constraint == postgres,
        None => error
            .message()
            .strip_suffix(sqlite)
            .is_some_and(|head| head.ends_with(": ")),
    };
    UNIQUE.iter().find(found).map(|&(_, _, field)| field)
}

/// SQLite's primary result codes (the low byte) and PostgreSQL's classes (the first two characters).
fn fault_of_code(code: &str) -> Fault {
    if code.len() == 5 {
        return match &code[..2] {
            "08" | "57" => Fault::Unreachable,
            "40" | "55" => Fault::Busy,
            "53" if code == "53100" => Fault::Full,
            "53" => Fault::Busy,
            "58" => Fault::Disk,
            "28" | "3D" => Fault::Address,
            "22" => Fault::Constraint,
            _ => Fault::Other,
        };
    }
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(5 | 6) => Fault::Busy,
        Ok(8 | 10) => Fault::Disk,
        Ok(13) => Fault::Full,
        Ok(14) => Fault::Unreachable,
        Ok(18 | 20) => Fault::Constraint,
        Ok(_) | Err(_) => Fault::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_lock_pass_and_a_broken_rule_does_not() {
        assert_eq!(fault_of_code("13"), Fault::Full);
        assert_eq!(fault_of_code("517"), Fault::Busy);
        assert_eq!(fault_of_code("57P01"), Fault::Unreachable);
        assert_eq!(fault_of_code("40001"), Fault::Busy);
        assert!(Fault::Full.is_transient() && !Fault::Constraint.is_transient());
    }
}
