//! A transaction about what belongs to the platform and not to one company: gateways, the stock of numbers, operators.

use std::sync::Arc;

use wigwag_model::Author;
use wigwag_sansio::Utc;

use crate::{
    KeyRing, Store, StoreError,
    audit::{self, Audited, Owner},
    db::{Scope, Tx, query},
};

/// A transaction that sees all companies; dropping it undoes what it did.
///
/// After an error it must be dropped, since PostgreSQL takes no further statement then.
#[derive(Debug)]
pub struct PlatformTx {
    pub(crate) tx: Tx,
    pub(crate) keys: Arc<KeyRing>,
    author: Author,
}

impl Store {
    /// Lets `author` begin to change what belongs to the platform; nobody else changes it until this is committed or
    /// dropped. On SQLite nobody else writes at all meanwhile: hold it only for queries.
    pub async fn write_platform(&self, author: Author) -> Result<PlatformTx, StoreError> {
        let mut tx = self.db.write(Scope::Platform).await?;
        if let Tx::Postgres(_) = tx {
            // The number is ours alone in this database: "wigwag".
            let lock = "SELECT 1 AS one FROM (SELECT pg_advisory_xact_lock(131277529047399)) AS locked";
            tx.row(query("gateways", lock)).await?;
        }
        Ok(PlatformTx {
            tx,
            keys: self.keys.clone(),
            author,
        })
    }
}

impl PlatformTx {
    /// Makes the changes last.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.tx.commit().await
    }

    /// When the changes are made.
    pub(crate) fn at(&self) -> Utc {
        self.author.at
    }

    /// Notes in the audit log that something was made (`before` is none), changed or removed (`after` is none).
    pub(crate) async fn record<E: Audited>(&mut self, before: Option<&E>, after: Option<&E>) -> Result<(), StoreError> {
        audit::record(&mut self.tx, Owner::Platform, &self.author, before, after).await
    }
}
