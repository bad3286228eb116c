//! What the history job counts, for the metrics.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

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

/// Reads the figures while the job runs; cheap to clone.
#[derive(Clone, Debug)]
pub struct HistoryGauge(pub(crate) Arc<Counters>);

impl HistoryGauge {
    /// What the job has counted since the start.
    pub fn figures(&self) -> HistoryFigures {
        HistoryFigures {
            records_written: self.0.records_written.load(Relaxed),
            records_refused: self.0.records_refused.load(Relaxed),
            failures: self.0.failures.load(Relaxed),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) records_written: AtomicU64,
    pub(crate) records_refused: AtomicU64,
    pub(crate) failures: AtomicU64,
}
