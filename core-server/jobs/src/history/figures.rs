//! What the history job counts, for the metrics.

use std::sync::atomic::AtomicU64;

/// Figures since the start of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryFigures {
    /// Calls written to the history.
    pub records_written: u64,
    /// Calls that the database will never take; each is in the log.
    pub records_refused: u64,
    /// Attempts to write that failed and were repeated.
    pub failures: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) records_written: AtomicU64,
    pub(crate) records_refused: AtomicU64,
    pub(crate) failures: AtomicU64,
}
