//! Backups: one file with everything that a server cannot make up again, taken while it runs.
//!
//! The rows are written in words of our own, not the database's: a backup of either database can be restored into the
//! other. With them go the key ring, other small files of the data folder, and what the journal holds of calls that
//! are not in the history yet. Call traces are left out.

mod cells;
mod format;
mod restore;
mod tail;
mod take;

pub use format::BackupError;
pub use restore::{RestoreError, restore};
pub use take::backup;

use wigwag_sansio::Utc;

/// Small files of the data folder that go into a backup as they are, where they exist.
const FILES: [&str; 3] = ["keys.json", "tls-certificate.pem", "tls-key.pem"];

/// What a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// When it was taken.
    pub taken_at: Utc,
    /// Rows of the database.
    pub rows: u64,
    /// Bytes of the journal.
    pub journal_bytes: u64,
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

    use tempfile::TempDir;
    use wigwag_model::{CallRecord, Device, Tenant};
    use wigwag_sansio::Entropy;

    use super::*;
    use crate::{
        CallFilter, Checkpoint, Store,
        journal::{Cursor, Journal},
        testing::{NOW, TestStore},
    };

    fn clock() -> Utc {
        NOW
    }

    /// A company with a phone and a call, and a journal of which the history has seen the first line.
    struct Original {
        test: TestStore,
        tenant: Tenant,
        device: Device,
        call: CallRecord,
        backups: TempDir,
    }

    impl Original {
        async fn new() -> Original {
            let mut test = TestStore::new().await;
            let tenant = test.tenant().await;
            let extension = test.extension(&tenant, "101").await;
            let device = test.device(&extension).await;
            test.user(&tenant, "alice1").await;
            let call = test.call(&extension, &extension, 0);
            fs::create_dir(test.folder.path().join("journal")).unwrap();
            fs::write(test.folder.path().join("journal/000007.jsonl"), "seen\nnew\n").unwrap();
            let checkpoint = Checkpoint {
                cursor: Cursor { segment: 7, offset: 5 },
                state: "{}".to_owned(),
            };
            let calls = [call.clone()];
            test.store
                .record_calls("history", &calls, Some(&checkpoint))
                .await
                .unwrap();
            Original {
                test,
                tenant,
                device,
                call,
                backups: tempfile::tempdir().unwrap(),
            }
        }

        fn path(&self) -> PathBuf {
            self.backups.path().join("wigwag.backup")
        }

        async fn backup(&self) -> Result<Contents, BackupError> {
            backup(self.test.folder.path(), self.test.url.as_deref(), &self.path(), NOW).await
        }
    }

    async fn is_restored(original: &Original, data: &TempDir, url: Option<&str>) {
        let store = Store::open(data.path(), url, &mut Entropy::from_number(9))
            .await
            .unwrap();
        let mut tx = store.read(original.tenant.id).await.unwrap();
        assert_eq!(tx.tenant().await.unwrap().as_ref(), Some(&original.tenant));
        // The password opens: the keys came along.
        assert_eq!(
            tx.device(original.device.id).await.unwrap().as_ref(),
            Some(&original.device)
        );
        let records = tx.call_records(&CallFilter::default(), None, 10).await.unwrap().records;
        assert_eq!(records, std::slice::from_ref(&original.call));
        drop(tx);
        let checkpoint = store.checkpoint("history").await.unwrap().unwrap();
        assert_eq!(checkpoint.cursor, Cursor { segment: 1, offset: 0 });
        store.close().await;
        let journal = data.path().join("journal");
        assert_eq!(fs::read_to_string(journal.join("000001.jsonl")).unwrap(), "new\n");
        assert_eq!(Journal::open(&journal, clock).unwrap().last_alive(), Some(NOW));
    }

    #[tokio::test]
    async fn a_backup_is_restored_into_either_database() {
        let original = Original::new().await;
        let taken = original.backup().await.unwrap();
        assert_eq!(
            fs::metadata(original.path()).unwrap().permissions().mode() & 0o777,
            0o600
        );
        for url in [None, test_postgres::new_database()] {
            let data = tempfile::tempdir().unwrap();
            let contents = restore(&original.path(), data.path(), url.as_deref(), false)
                .await
                .unwrap();
            assert_eq!((contents, contents.journal_bytes), (taken, 4));
            is_restored(&original, &data, url.as_deref()).await;
            let again = restore(&original.path(), data.path(), url.as_deref(), false).await;
            assert!(matches!(again, Err(RestoreError::Occupied)));
            restore(&original.path(), data.path(), url.as_deref(), true)
                .await
                .unwrap();
            is_restored(&original, &data, url.as_deref()).await;
        }
    }

    #[tokio::test]
    async fn a_backup_is_never_written_over() {
        let original = Original::new().await;
        fs::write(original.path(), "precious").unwrap();
        assert!(matches!(original.backup().await, Err(BackupError::Io(_))));
        assert_eq!(fs::read_to_string(original.path()).unwrap(), "precious");
        assert_eq!(
            fs::read_dir(original.backups.path()).unwrap().count(),
            1,
            "nothing else is left behind"
        );
    }

    #[tokio::test]
    async fn a_backup_that_was_cut_short_or_changed_touches_nothing() {
        let original = Original::new().await;
        original.backup().await.unwrap();
        let whole = fs::read(original.path()).unwrap();
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        for bytes in [&whole[..whole.len() - 20], &changed, b"", b"something else"] {
            fs::write(original.path(), bytes).unwrap();
            let data = tempfile::tempdir().unwrap();
            let refused = restore(&original.path(), data.path(), None, true).await;
            assert!(
                matches!(refused, Err(RestoreError::Backup(BackupError::Damaged))),
                "{refused:?}"
            );
            assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn where_nothing_is_there_is_nothing_to_back_up() {
        let data = tempfile::tempdir().unwrap();
        let to = data.path().join("backup");
        let refused = backup(data.path(), test_postgres::new_database().as_deref(), &to, NOW).await;
        assert!(matches!(refused, Err(BackupError::Nothing)));
        assert!(!to.exists());
    }
}
