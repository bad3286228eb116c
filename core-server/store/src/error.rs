//! What can go wrong in the store; not finding something is no error but `Ok(None)`.

use thiserror::Error;
use wigwag_model::Destination;

use crate::{DriverFailure, Fault, SealError};

/// Why an operation on the store failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error(transparent)]
    Driver(#[from] DriverFailure),
    /// A row holds what we would never have stored.
    #[error("the column {column} of the table {table} holds a value that is not valid")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// Another row already has this value.
    #[error("{field} is already taken")]
    Conflict {
        /// The field as the API names it.
        field: &'static str,
    },
    /// Something else of the company is called by this number.
    #[error("number is already taken")]
    NumberTaken {
        /// What has it.
        by: Destination,
    },
    /// A virtual extension has no devices, and one with devices cannot become virtual.
    #[error("a virtual extension has no devices")]
    VirtualWithDevices,
    /// A number of the stock that somebody else has, or that there is not.
    #[error("the number is not free")]
    NumberGone {
        /// Its place among those that were asked for.
        index: usize,
    },
    /// A field names something that does not exist, at least not in this company.
    #[error("{field} does not exist")]
    Unknown {
        /// The field as the API names it.
        field: &'static str,
    },
    /// There are already as many as there may be.
    #[error("there may be at most {most} {what}")]
    Full {
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// A secret cannot be sealed or opened.
    #[error("a secret of the table {table} cannot be used")]
    Sealed {
        /// The table.
        table: &'static str,
        /// Why.
        #[source]
        source: SealError,
    },
    /// The company has been removed meanwhile.
    #[error("the company does not exist any more")]
    NoTenant,
}

impl StoreError {
    /// Whether the same attempt may succeed later: the database is busy, full or away.
    pub fn is_transient(&self) -> bool {
        match self {
            StoreError::Driver(failure) => failure.fault.is_transient(),
            StoreError::Corrupt { .. }
            | StoreError::Conflict { .. }
            | StoreError::NumberTaken { .. }
            | StoreError::VirtualWithDevices
            | StoreError::NumberGone { .. }
            | StoreError::Unknown { .. }
            | StoreError::Full { .. }
            | StoreError::Sealed { .. }
            | StoreError::NoTenant => false,
        }
    }

    /// Whether the database will never take what was written, however well it is: others need not wait for it.
    pub fn is_refusal(&self) -> bool {
        matches!(self, StoreError::Driver(failure) if failure.fault == Fault::Constraint)
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "whatever else it is, only an upgrade can help"
    )]
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => crate::db::driver_error(error),
            _ => Fault::Migration.into(),
        }
    }
}
