//! Closing the calls that were running when the process before this one died.

use thiserror::Error;
use tracing::info;
use wigwag_store::{
    Store, StoreError,
    journal::{Journal, JournalReader},
};

use super::{CONSUMER, Fold};

/// Why the calls of the process before cannot be closed.
#[derive(Debug, Error)]
pub enum RecoverError {
    /// The checkpoint cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal cannot be read.
    #[error("the journal cannot be read")]
    Journal(#[from] std::io::Error),
}

/// Ends the calls that the journal leaves open with the cause "server restarted", in the journal, so that every
/// consumer learns of it; returns how many there were. Runs before the first call is made.
///
/// They end when the process before last showed that it was alive.
pub async fn recover(store: &Store, journal: &Journal) -> Result<usize, RecoverError> {
    let (fold, reader) = resume(store, journal).await?;
    let fold = tokio::task::spawn_blocking(move || read_all(fold, reader))
        .await
        .map_err(std::io::Error::other)??;
    let entries = fold.interrupted(journal.last_alive());
    journal.writer().append(&entries);
    if !fold.is_empty() {
        info!(calls = fold.len(), "calls that a crash interrupted are closed");
    }
    Ok(fold.len())
}

/// The fold and the reader at the last checkpoint; at the beginning of the journal if there is none, or none that
/// can be read.
pub(super) async fn resume(store: &Store, journal: &Journal) -> Result<(Fold, JournalReader), StoreError> {
    let checkpoint = store.checkpoint(CONSUMER).await?;
    let resumed = checkpoint.and_then(|checkpoint| {
        let fold = serde_json::from_str(&checkpoint.state).ok()?;
        Some((fold, checkpoint.cursor))
    });
    let (fold, cursor) = resumed.unwrap_or_default();
    Ok((fold, journal.reader(cursor)))
}

fn read_all(mut fold: Fold, mut reader: JournalReader) -> Result<Fold, std::io::Error> {
    loop {
        let entries = reader.read()?;
        if entries.is_empty() {
            return Ok(fold);
        }
        for entry in entries {
            // Its record is written when the history job reads the same entries.
            let _ = fold.take(entry);
        }
    }
}
