//! SQLite: a write-ahead log, one writing connection that never has to be retried, and a few readers.

use std::{path::Path, time::Duration};

use sqlx::{
    Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Db, driver_error};
use crate::StoreError;

/// Takes the write lock at once: a transaction that starts as a reader can fail when it wants to write.
pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// How long another process (a backup, the command line) may hold the write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a transaction waits for its connection before the database counts as busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
/// What a reader keeps of the file, in KiB with a minus: little, since the system's own cache is behind it, and what is
/// read often is in memory as a company's configuration.
const READER_CACHE: &str = "-256";

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
    let readers = options.pragma("query_only", "on").pragma("cache_size", READER_CACHE);
    let readers = pool(READERS).connect_lazy_with(readers);
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
        .before_acquire(|connection, _| Box::pin(is_idle(connection)))
}

/// Whether the connection has left its last transaction; one that has not is replaced.
///
/// A full disk ends a transaction by itself. The driver's own rollback fails then, and it would refuse every further
/// transaction of this connection.
async fn is_idle(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback may still be on its way.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Scope, query};

    #[tokio::test]
    async fn a_transaction_that_a_full_disk_has_ended_does_not_stop_those_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&folder.path().join("small.db")).await.unwrap();
        let mut tx = db.write(Scope::Platform).await.unwrap();
        tx.run(query("t", "CREATE TABLE t (x BYTEA)")).await.unwrap();
        tx.commit().await.unwrap();
        let Db::Sqlite { writer, .. } = &db else {
            panic!("it is SQLite")
        };
        sqlx::query("PRAGMA max_page_count = 3").execute(writer).await.unwrap();
        let mut tx = db.write(Scope::Platform).await.unwrap();
        let full = tx.run(query("t", "INSERT INTO t VALUES (zeroblob(100000))")).await;
        assert!(full.is_err_and(|error| error.is_transient()));
        drop(tx);
        sqlx::query("PRAGMA max_page_count = 1000")
            .execute(writer)
            .await
            .unwrap();
        let mut tx = db.write(Scope::Platform).await.unwrap();
        assert_eq!(
            tx.run(query("t", "INSERT INTO t VALUES (zeroblob(9))")).await.unwrap(),
            1
        );
        tx.commit().await.unwrap();
    }
}
