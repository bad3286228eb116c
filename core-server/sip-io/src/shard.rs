//! One shard: a transaction layer behind a lock, and when it wants to be woken.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use smallvec::SmallVec;
use tokio::sync::Notify;
use wigwag_sansio::{Machine, Tick};
use wigwag_sip::transaction::{Layer, Output, Tally};

/// What one step of a layer wants done, in order; most steps want one thing or two.
pub(crate) type Outputs<O> = SmallVec<[Output<O>; 4]>;

/// A layer that many threads use; nothing but its pure steps happens under the lock.
#[derive(Debug)]
pub(crate) struct Shard<O> {
    layer: Mutex<Layer<O>>,
    /// What the timer task waits for, in microseconds.
    alarm: AtomicU64,
    earlier: Notify,
}

impl<O: Clone> Shard<O> {
    pub(crate) fn new(layer: Layer<O>) -> Self {
        Shard {
            layer: Mutex::new(layer),
            alarm: AtomicU64::new(u64::MAX),
            earlier: Notify::new(),
        }
    }

    /// Takes one step and gives back what it wants done, to be carried out without the lock.
    pub(crate) fn step<R>(&self, act: impl FnOnce(&mut Layer<O>) -> R) -> (R, Outputs<O>) {
        let mut layer = self.layer.lock();
        let result = act(&mut layer);
        let outputs = std::iter::from_fn(|| layer.poll()).collect();
        let deadline = layer.deadline().map_or(u64::MAX, Tick::as_micros);
        if deadline < self.alarm.load(Relaxed) {
            self.alarm.store(deadline, Relaxed);
            self.earlier.notify_one();
        }
        (result, outputs)
    }

    /// What the timer task has to wait for now, until [`Shard::earlier`] says otherwise.
    pub(crate) fn set_alarm(&self) -> Option<Tick> {
        let layer = self.layer.lock();
        let deadline = layer.deadline();
        self.alarm.store(deadline.map_or(u64::MAX, Tick::as_micros), Relaxed);
        deadline
    }

    /// Waits until a step has made an earlier deadline than the one that was waited for.
    pub(crate) async fn earlier(&self) {
        self.earlier.notified().await;
    }

    pub(crate) fn tally(&self) -> (usize, Tally) {
        let layer = self.layer.lock();
        (layer.transactions(), layer.tally())
    }
}
