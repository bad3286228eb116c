//! What the traces count, for the metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Figures since the start of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceFigures {
    /// Traces written.
    pub written: u64,
    /// Of these, the ones that were too large and kept their first lines only.
    pub cut: u64,
    /// Traces lost because too many waited, or because the disk took none.
    pub lost: u64,
    /// Bytes of traces in files.
    pub bytes: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) written: AtomicU64,
    pub(super) cut: AtomicU64,
    pub(super) lost: AtomicU64,
    pub(super) bytes: AtomicU64,
}

impl Counters {
    pub(super) fn figures(&self) -> TraceFigures {
        TraceFigures {
            written: self.written.load(Relaxed),
            cut: self.cut.load(Relaxed),
            lost: self.lost.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
        }
    }
}
