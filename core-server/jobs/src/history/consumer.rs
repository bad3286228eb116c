//! The job: reads on, folds, writes finished calls, and goes on where it was after any failure.

use std::{
    io,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use tokio::time::Instant;
use tracing::{error, warn};
use wigwag_model::CallRecord;
use wigwag_store::{
    Checkpoint, Store, StoreError,
    journal::{Cursor, Journal, JournalReader},
};

use super::{CONSUMER, Counters, Fold, recover::resume};
use crate::{back_off::BackOff, runner::Stop};

/// Records written in one transaction.
const BATCH: usize = 200;
/// Batches begin at least so far apart while calls are few, so that several records share a transaction.
const PACE: Duration = Duration::from_millis(100);
/// Journal bytes after which open calls are written down.
const CHECKPOINT_BYTES: u64 = 1024 * 1024;
/// Journal bytes after which open calls are written down, as a multiple of what they took last time.
const CHECKPOINT_STATES: u64 = 4;

pub(crate) struct History {
    store: Store,
    journal: Arc<Journal>,
    counters: Arc<Counters>,
}

/// What was read at once.
struct Batch {
    records: Vec<CallRecord>,
    checkpoint: Option<Checkpoint>,
    at_end: bool,
}

/// The reading side, which blocks on files and therefore works on a thread of its own.
struct Intake {
    reader: JournalReader,
    fold: Fold,
    saved: Cursor,
    saved_state_bytes: u64,
}

impl History {
    pub(crate) fn new(store: Store, journal: Arc<Journal>, counters: Arc<Counters>) -> Self {
        History {
            store,
            journal,
            counters,
        }
    }

    pub(crate) async fn run(self, mut stop: Stop) {
        let Some(mut intake) = self.intake(&mut stop).await else {
            return;
        };
        loop {
            if !stop.is_requested() {
                tokio::select! {
                    () = intake.reader.wait() => {}
                    () = stop.requested() => {}
                }
            }
            let begun = Instant::now();
            let (back, batch) = read(intake).await;
            intake = back;
            let at_end = match batch {
                Ok(batch) => {
                    if !self.write(&batch, &mut stop).await {
                        return;
                    }
                    batch.at_end
                }
                Err(failure) => {
                    self.failed();
                    error!(error.kind = ?failure.kind(), "the journal cannot be read: the history waits");
                    true
                }
            };
            if at_end && stop.wait_until(begun + PACE).await && intake.reader.is_at_end() {
                return;
            }
        }
    }

    /// Goes back to the last checkpoint, as soon as the database tells which; `None` when told to stop before.
    async fn intake(&self, stop: &mut Stop) -> Option<Intake> {
        let mut back_off = BackOff::new();
        loop {
            match resume(&self.store, &self.journal).await {
                Ok((fold, reader)) => {
                    return Some(Intake {
                        saved: reader.cursor(),
                        saved_state_bytes: 0,
                        reader,
                        fold,
                    });
                }
                Err(failure) => {
                    self.failed();
                    warn!(error = %failure, "the history waits for the database");
                }
            }
            if stop.wait(back_off.next()).await {
                return None;
            }
        }
    }

    /// Writes the batch, however long that takes; false when told to stop before, which loses nothing.
    async fn write(&self, batch: &Batch, stop: &mut Stop) -> bool {
        if batch.records.is_empty() && batch.checkpoint.is_none() {
            return true;
        }
        let mut back_off = BackOff::new();
        loop {
            let failure = match self.try_write(&batch.records, batch.checkpoint.as_ref()).await {
                Ok(()) => break,
                Err(failure) => failure,
            };
            self.failed();
            if failure.is_transient() {
                warn!(error = %failure, "the history waits for the database");
            } else if self.write_one_by_one(batch).await {
                break;
            }
            if stop.wait(back_off.next()).await {
                return false;
            }
        }
        if let Some(checkpoint) = &batch.checkpoint {
            self.remove_read_segments(checkpoint.cursor).await;
        }
        true
    }

    async fn try_write(&self, records: &[CallRecord], checkpoint: Option<&Checkpoint>) -> Result<(), StoreError> {
        let written = self.store.record_calls(CONSUMER, records, checkpoint).await?;
        self.counters.records_written.fetch_add(written, Relaxed);
        Ok(())
    }

    /// Leaves out what the database will never take, so that one bad call does not hold up all others.
    async fn write_one_by_one(&self, batch: &Batch) -> bool {
        for record in &batch.records {
            match self.try_write(std::slice::from_ref(record), None).await {
                Ok(()) => {}
                Err(failure) if failure.is_transient() => return false,
                Err(failure) => {
                    self.counters.records_refused.fetch_add(1, Relaxed);
                    error!(call.id = %record.id, error = %failure, "a call cannot be written to the history: left out");
                }
            }
        }
        self.try_write(&[], batch.checkpoint.as_ref()).await.is_ok()
    }

    /// Removes the journal's segments that every consumer has passed; what stays is removed another time.
    async fn remove_read_segments(&self, own: Cursor) {
        let Ok(Some(oldest)) = self.store.oldest_cursor().await else {
            return;
        };
        let journal = self.journal.clone();
        let removed = tokio::task::spawn_blocking(move || journal.remove_before(oldest.min(own))).await;
        if !matches!(removed, Ok(Ok(_))) {
            warn!("segments of the journal that are not needed any more cannot be removed");
        }
    }

    fn failed(&self) {
        self.counters.failures.fetch_add(1, Relaxed);
    }
}

async fn read(intake: Intake) -> (Intake, io::Result<Batch>) {
    let reading = tokio::task::spawn_blocking(move || {
        let mut intake = intake;
        let batch = intake.batch();
        (intake, batch)
    });
    match reading.await {
        Ok(read) => read,
        Err(failure) => std::panic::resume_unwind(failure.into_panic()),
    }
}

impl Intake {
    fn batch(&mut self) -> io::Result<Batch> {
        let mut records = Vec::new();
        let mut at_end = false;
        while records.len() < BATCH && !at_end {
            let entries = match self.reader.read() {
                Ok(entries) => entries,
                // What has been read counts; the next batch meets the same trouble.
                Err(_) if !records.is_empty() => break,
                Err(failure) => return Err(failure),
            };
            at_end = entries.is_empty();
            records.extend(entries.into_iter().filter_map(|entry| self.fold.take(entry)));
        }
        Ok(Batch {
            records,
            checkpoint: self.checkpoint_if_due(),
            at_end,
        })
    }

    fn checkpoint_if_due(&mut self) -> Option<Checkpoint> {
        let cursor = self.reader.cursor();
        let due = if self.fold.is_empty() {
            cursor != self.saved
        } else {
            cursor.segment != self.saved.segment
                || cursor.offset - self.saved.offset > CHECKPOINT_BYTES.max(CHECKPOINT_STATES * self.saved_state_bytes)
        };
        if !due {
            return None;
        }
        let state = serde_json::to_string(&self.fold).expect("a fold is plain data with text keys");
        self.saved = cursor;
        self.saved_state_bytes = state.len() as u64;
        Some(Checkpoint { cursor, state })
    }
}
