//! What the journal counts, for the metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Figures since the start of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JournalFigures {
    /// Entries given to the journal.
    pub entries_appended: u64,
    /// Bytes that reached the files.
    pub bytes_written: u64,
    /// Writes, syncs and new files that the system refused.
    pub failures: u64,
    /// Bytes in memory that wait for the disk.
    pub backlog_bytes: u64,
    /// Entries lost because the backlog was full.
    pub entries_lost: u64,
    /// Lines that readers skipped because they were not entries.
    pub lines_corrupt: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) entries_appended: AtomicU64,
    pub(super) bytes_written: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) backlog_bytes: AtomicU64,
    pub(super) entries_lost: AtomicU64,
    pub(super) lines_corrupt: AtomicU64,
}

impl Counters {
    pub(super) fn figures(&self) -> JournalFigures {
        JournalFigures {
            entries_appended: self.entries_appended.load(Relaxed),
            bytes_written: self.bytes_written.load(Relaxed),
            failures: self.failures.load(Relaxed),
            backlog_bytes: self.backlog_bytes.load(Relaxed),
            entries_lost: self.entries_lost.load(Relaxed),
            lines_corrupt: self.lines_corrupt.load(Relaxed),
        }
    }
}
