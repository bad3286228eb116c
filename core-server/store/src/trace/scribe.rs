//! The thread behind the traces: compresses, appends, forgets what is old.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    sync::{Arc, atomic::Ordering::Relaxed, mpsc},
    time::Duration,
};

use tracing::{debug, warn};
use wigwag_model::{CallId, TenantId};
use wigwag_sansio::Utc;

use super::{
    index::Index,
    record::{self, HEADER_BYTES, Header},
    traces::{Shared, segment_path},
};

/// A new segment is begun when one is longer than this.
const SEGMENT_BYTES: u64 = 16 * 1024 * 1024;
/// How often old traces are looked for while nothing happens.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// A trace on its way to the disk.
pub(super) struct Job {
    pub(super) tenant_id: TenantId,
    pub(super) call_id: CallId,
    pub(super) text: Vec<u8>,
}

pub(super) struct Scribe {
    shared: Arc<Shared>,
    /// The segment that is written, from the first trace on.
    file: Option<(u64, File)>,
    next_number: u64,
    frame: Vec<u8>,
}

impl Scribe {
    /// Rebuilds the index from the files `numbers`, then writes what comes until all senders are gone.
    pub(super) fn run(shared: Arc<Shared>, numbers: &[u64], jobs: &mpsc::Receiver<Job>) {
        let mut index = Index::scan(&shared.folder, numbers);
        let next_number = numbers.last().copied().unwrap_or(0) + 1;
        forget_outdated(&shared, &mut index);
        shared.set_index(index);
        let mut scribe = Scribe {
            shared,
            file: None,
            next_number,
            frame: Vec::new(),
        };
        loop {
            match jobs.recv_timeout(LOOK_EVERY) {
                Ok(job) => scribe.keep(&job),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    scribe.shared.with_index(|index| forget_outdated(&scribe.shared, index))
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn keep(&mut self, job: &Job) {
        if let Err(error) = self.write(job) {
            self.shared.counters.lost.fetch_add(1, Relaxed);
            warn!(call.id = %job.call_id, error.kind = ?error.kind(), "the trace of a call cannot be kept");
        }
        self.shared.handled(job.text.len());
    }

    fn write(&mut self, job: &Job) -> io::Result<()> {
        let (text, cut) = record::compress(&job.text)?;
        let header = Header {
            tenant_id: job.tenant_id,
            call_id: job.call_id,
            stored_at: (self.shared.clock)(),
            bytes: u32::try_from(text.len()).map_err(io::Error::other)?,
        };
        self.frame.clear();
        header.write(&mut self.frame);
        self.frame.extend_from_slice(&text);
        let number = self.append()?;
        let counters = &self.shared.counters;
        counters.written.fetch_add(1, Relaxed);
        counters.cut.fetch_add(u64::from(cut), Relaxed);
        counters.bytes.fetch_add((HEADER_BYTES + text.len()) as u64, Relaxed);
        let full = self.shared.with_index(|index| {
            let segment = index.segment(number);
            segment.add(&header);
            segment.bytes >= SEGMENT_BYTES
        });
        if full {
            self.finish_segment();
        }
        Ok(())
    }

    /// Appends the frame and tells to which segment. After a failure the segment is left as it is, torn at its end.
    fn append(&mut self) -> io::Result<u64> {
        if self.file.is_none() {
            let path = segment_path(&self.shared.folder, self.next_number);
            let file = OpenOptions::new()
                .append(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?;
            self.file = Some((self.next_number, file));
            self.next_number += 1;
        }
        let (number, file) = self.file.as_mut().expect("it was opened above");
        let number = *number;
        if let Err(error) = file.write_all(&self.frame) {
            self.finish_segment();
            return Err(error);
        }
        Ok(number)
    }

    fn finish_segment(&mut self) {
        if let Some((number, _)) = self.file.take() {
            self.shared.with_index(|index| {
                index.finish(number);
                forget_outdated(&self.shared, index);
            });
        }
    }
}

fn forget_outdated(shared: &Shared, index: &mut Index) {
    let keep_ms = i64::try_from(shared.limits.keep_for.as_millis()).unwrap_or(i64::MAX);
    let oldest = Utc::from_millis((shared.clock)().as_millis().saturating_sub(keep_ms));
    while let Some(number) = index.take_outdated(oldest, shared.limits.most_bytes) {
        // A file that cannot be removed is found again by the next start.
        let _ = fs::remove_file(segment_path(&shared.folder, number));
        debug!(trace.segment = number, "old traces are forgotten");
    }
    shared.counters.bytes.store(index.bytes(), Relaxed);
}
