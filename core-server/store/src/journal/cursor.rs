//! A place in the journal.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// A place between two entries; ordered as the journal is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cursor {
    /// The number of the segment file, from 1 on; 0 lies before everything.
    pub segment: u64,
    /// Bytes from its beginning.
    pub offset: u64,
}

/// The end of what has been written whole, shared between the writers and the readers.
///
/// Both numbers are kept in one word, so that a reader never sees the one without the other: a segment ends far below
/// 2³² bytes, and 2³² segments hold 256 PiB.
#[derive(Debug)]
pub(super) struct SharedEnd(AtomicU64);

impl SharedEnd {
    pub(super) fn new(end: Cursor) -> Self {
        SharedEnd(AtomicU64::new(pack(end)))
    }

    pub(super) fn set(&self, end: Cursor) {
        self.0.store(pack(end), Ordering::Release);
    }

    pub(super) fn cursor(&self) -> Cursor {
        let packed = self.0.load(Ordering::Acquire);
        Cursor {
            segment: packed >> 32,
            offset: packed & u64::from(u32::MAX),
        }
    }
}

fn pack(end: Cursor) -> u64 {
    (end.segment << 32) | (end.offset & u64::from(u32::MAX))
}
