//! The one executor: static SQL that SQLite and PostgreSQL both understand, and typed values in and out.

mod bulk;
mod catalogue;
mod column;
mod driver;
mod migrations;
mod postgres;
mod query;
mod row;
mod scope;
mod sqlite;
mod transaction;

pub(crate) use bulk::BulkInsert;
pub(crate) use catalogue::{Kind, Table};
pub(crate) use column::{Stored, Value};
pub(crate) use driver::driver_error;
pub use driver::{DriverCode, DriverFailure, Fault};
pub use migrations::PendingMigration;
pub(crate) use migrations::newest;
pub(crate) use query::{Query, query};
pub(crate) use row::Row;
pub(crate) use scope::Scope;
pub(crate) use transaction::Tx;

use std::path::Path;

use sqlx::{PgPool, SqlitePool};

use crate::StoreError;

/// The database behind the store.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    /// One file: a single writing connection, and readers that never wait for it.
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    /// A server.
    Postgres(PgPool),
}

impl Db {
    /// Opens, and makes where needed, the database file at `path`; its schema is left as it is.
    pub(crate) async fn sqlite(path: &Path) -> Result<Self, StoreError> {
        sqlite::open(path).await
    }

    /// Connects to the PostgreSQL server at `url`; its schema is left as it is.
    pub(crate) async fn postgres(url: &str) -> Result<Self, StoreError> {
        postgres::open(url).await
    }

    /// Begins a transaction that sees one state of the database and changes nothing.
    pub(crate) async fn read(&self, scope: Scope) -> Result<Tx, StoreError> {
        let begun = match self {
            Db::Sqlite { readers, .. } => readers.begin().await.map(Tx::Sqlite),
            Db::Postgres(pool) => pool.begin_with(postgres::begin_read(scope)).await.map(Tx::Postgres),
        };
        begun.map_err(driver_error)
    }

    /// Begins a transaction that changes something.
    pub(crate) async fn write(&self, scope: Scope) -> Result<Tx, StoreError> {
        let begun = match self {
            Db::Sqlite { writer, .. } => writer.begin_with(sqlite::BEGIN_WRITE).await.map(Tx::Sqlite),
            Db::Postgres(pool) => pool.begin_with(postgres::begin_write(scope)).await.map(Tx::Postgres),
        };
        begun.map_err(driver_error)
    }

    /// Closes all connections; transactions that are open finish first.
    pub(crate) async fn close(&self) {
        match self {
            Db::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}
