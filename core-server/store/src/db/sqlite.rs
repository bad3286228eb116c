//! SQLite: a write-ahead log, one writing connection that never has to be retried, and a few readers.

use std::{path::Path, time::Duration};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{Db, driver_error};
use crate::StoreError;

/// Takes the write lock at once: a transaction that starts as a reader can fail when it wants to write.
pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// How long another process (a backup, the command line) may hold the write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a transaction waits for its connection before the database counts as busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;

pub(super) async fn open(path: &Path) -> Result<Db, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT);
    let writer = pool(1)
        .connect_with(options.clone().create_if_missing(true))
        .await
        .map_err(driver_error)?;
    let readers = pool(READERS).connect_lazy_with(options.pragma("query_only", "on"));
    Ok(Db::Sqlite { writer, readers })
}

/// Connections live as long as the pool: opening one costs more than keeping it.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}
