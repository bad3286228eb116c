//! How often something was done, and how often it failed, by kind.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;

/// What every part of the load counts in, and whether it shall go on.
#[derive(Clone, Default)]
pub(super) struct Tally {
    counts: Arc<Mutex<BTreeMap<&'static str, Count>>>,
    is_over: Arc<AtomicBool>,
}

/// How often one kind of work was done, and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) done: u64,
    pub(super) failed: u64,
}

impl Tally {
    /// Counts one piece of work; says the first failure of each kind.
    pub(super) fn add(&self, kind: &'static str, outcome: &anyhow::Result<()>) {
        let mut counts = self.counts.lock();
        let count = counts.entry(kind).or_default();
        match outcome {
            Ok(()) => count.done += 1,
            Err(error) => {
                count.failed += 1;
                if count.failed == 1 {
                    eprintln!("{kind}: {error:#}");
                }
            }
        }
    }

    /// Takes over what somebody else has counted from the beginning.
    pub(super) fn set(&self, kind: &'static str, count: Count) {
        self.counts.lock().insert(kind, count);
    }

    /// Adds many at once.
    pub(super) fn add_many(&self, kind: &'static str, more: Count) {
        let mut counts = self.counts.lock();
        let count = counts.entry(kind).or_default();
        count.done += more.done;
        count.failed += more.failed;
    }

    /// All kinds by name.
    pub(super) fn counts(&self) -> BTreeMap<&'static str, Count> {
        self.counts.lock().clone()
    }

    /// The load ends.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Whether the load has ended.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}
