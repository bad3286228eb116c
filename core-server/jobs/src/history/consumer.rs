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
const PACE: Duration = Duration::from_millis(500);
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
            if !failure.is_refusal() {
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
                Err(failure) if !failure.is_refusal() => return false,
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
        Err(failure) => match failure.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is going away, and this task with it.
            Err(_) => std::future::pending().await,
        },
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

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use wigwag_model::{HangupCause, LegRole, Tenant};
    use wigwag_sansio::{Entropy, Utc};
    use wigwag_store::CallFilter;

    use super::{
        super::{
            recover,
            testing::{NOW, Script},
        },
        *,
    };
    use crate::{Jobs, Retention};

    struct Server {
        folder: TempDir,
        /// The round of tests on PostgreSQL has an address.
        url: Option<String>,
        store: Store,
        journal: Arc<Journal>,
        tenant: Tenant,
    }

    fn clock() -> Utc {
        NOW + Duration::from_secs(60)
    }

    impl Server {
        async fn new() -> Server {
            let folder = tempfile::tempdir().unwrap();
            let mut entropy = Entropy::from_number(1);
            let url = test_postgres::new_database();
            let store = Store::open(folder.path(), url.as_deref(), &mut entropy).await.unwrap();
            let tenant = store.create_tenant("Acme", NOW, &mut entropy).await.unwrap();
            let journal = Arc::new(Journal::open(&folder.path().join("journal"), clock).unwrap());
            Server {
                folder,
                url,
                store,
                journal,
                tenant,
            }
        }

        /// Another process on the same data, after this one went away without a word.
        async fn next_process(self) -> Server {
            let Server {
                folder,
                url,
                store,
                journal,
                tenant,
            } = self;
            store.close().await;
            drop(Arc::into_inner(journal).expect("all jobs are gone"));
            let store = Store::open(folder.path(), url.as_deref(), &mut Entropy::from_number(2))
                .await
                .unwrap();
            let journal = Arc::new(Journal::open(&folder.path().join("journal"), clock).unwrap());
            Server {
                folder,
                url,
                store,
                journal,
                tenant,
            }
        }

        fn jobs(&self) -> Jobs {
            Jobs::start(&self.store, &self.journal, clock, Retention::default())
        }

        fn append(&self, script: Script) {
            for entry in script.entries() {
                self.journal.writer().append(&[entry]);
            }
        }

        async fn history(&self) -> Vec<CallRecord> {
            let mut tx = self.store.read(self.tenant.id).await.unwrap();
            tx.call_records(&CallFilter::default(), None, 1_000)
                .await
                .unwrap()
                .records
        }
    }

    #[tokio::test]
    async fn every_finished_call_stands_in_the_history_once() {
        let server = Server::new().await;
        let jobs = server.jobs();
        for number in 0..500 {
            server.append(Script::answered(server.tenant.id, number));
        }
        jobs.stop().await;
        assert_eq!(server.history().await.len(), 500);
        let server = server.next_process().await;
        let jobs = server.jobs();
        server.append(Script::answered(server.tenant.id, 500));
        jobs.stop().await;
        assert_eq!(server.history().await.len(), 501);
    }

    #[tokio::test]
    async fn a_call_runs_on_while_the_history_job_is_replaced() {
        let server = Server::new().await;
        let entries = Script::answered(server.tenant.id, 1).entries();
        let jobs = server.jobs();
        server.append(Script::answered(server.tenant.id, 2));
        server.journal.writer().append(&entries[..5]);
        jobs.stop().await;
        assert_eq!(server.history().await.len(), 1);
        let jobs = server.jobs();
        server.journal.writer().append(&entries[5..]);
        jobs.stop().await;
        assert_eq!(server.history().await.len(), 2);
    }

    #[tokio::test]
    async fn calls_that_a_crash_interrupted_are_closed_at_the_next_start() {
        let server = Server::new().await;
        let jobs = server.jobs();
        server.append(Script::answered(server.tenant.id, 1));
        let running = Script::new(server.tenant.id, 2)
            .addressed(1, "102")
            .leg(2, 1, LegRole::Callee, "102");
        let id = running.call_id();
        server.append(running.answers(5_000, 1));
        jobs.stop().await;
        let server = server.next_process().await;
        assert_eq!(recover(&server.store, &server.journal).await.unwrap(), 1);
        // A second crash before the history job came to it.
        let server = server.next_process().await;
        assert_eq!(recover(&server.store, &server.journal).await.unwrap(), 0);
        server.jobs().stop().await;
        let history = server.history().await;
        assert_eq!(history.len(), 2);
        let record = history.iter().find(|record| record.id == id).unwrap();
        assert_eq!(record.cause, HangupCause::ServerRestarted);
        assert_eq!((record.ended_at, record.talk_ms), (clock(), 54_980));
    }

    #[tokio::test]
    async fn records_catch_up_when_the_database_was_held_by_somebody_else() {
        let server = Server::new().await;
        let jobs = server.jobs();
        let held = server
            .store
            .write(server.tenant.id, wigwag_model::Author::server(NOW))
            .await
            .unwrap();
        for number in 0..10 {
            server.append(Script::answered(server.tenant.id, number));
        }
        assert_eq!(server.history().await.len(), 0);
        drop(held);
        jobs.stop().await;
        assert_eq!(server.history().await.len(), 10);
    }

    #[tokio::test]
    async fn a_call_of_a_company_that_is_gone_does_not_hold_up_the_others() {
        let server = Server::new().await;
        let gone = wigwag_model::TenantId::new(NOW, &mut Entropy::from_number(9));
        let jobs = server.jobs();
        server.append(Script::answered(gone, 1));
        server.append(Script::answered(server.tenant.id, 2));
        jobs.stop().await;
        assert_eq!(server.history().await.len(), 1);
    }

    #[tokio::test]
    async fn a_long_call_is_written_down_so_that_the_journal_can_shrink() {
        let server = Server::new().await;
        let jobs = server.jobs();
        server.append(Script::new(server.tenant.id, 0));
        for number in 1..1_500 {
            server.append(Script::answered(server.tenant.id, number));
        }
        jobs.stop().await;
        let checkpoint = server.store.checkpoint(CONSUMER).await.unwrap().unwrap();
        let fold: Fold = serde_json::from_str(&checkpoint.state).unwrap();
        // The long call, and perhaps one in whose middle the journal was left.
        assert!(matches!(fold.len(), 1 | 2));
        assert!(checkpoint.cursor.offset > CHECKPOINT_BYTES);
        assert_eq!(server.history().await.len(), 1_000);
    }
}
