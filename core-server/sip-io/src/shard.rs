//! One shard: a transaction layer behind a lock, and the alarm that it shares with the others.

use std::sync::Arc;

use parking_lot::Mutex;
use smallvec::SmallVec;
use wigwag_sansio::{Machine, Now};
use wigwag_sip::transaction::{Layer, Output, Tally};

use crate::alarm::Alarm;

/// What one step of a layer wants done, in order; most steps want one thing or two.
pub(crate) type Outputs<O> = SmallVec<[Output<O>; 4]>;

/// A layer that many threads use; nothing but its pure steps happens under the lock.
#[derive(Debug)]
pub(crate) struct Shard<O> {
    layer: Mutex<Layer<O>>,
    alarm: Arc<Alarm>,
}

impl<O: Clone> Shard<O> {
    pub(crate) fn new(layer: Layer<O>, alarm: Arc<Alarm>) -> Self {
        Shard {
            layer: Mutex::new(layer),
            alarm,
        }
    }

    /// Takes one step and gives back what it wants done, to be carried out without the lock.
    pub(crate) fn step<R>(&self, act: impl FnOnce(&mut Layer<O>) -> R) -> (R, Outputs<O>) {
        let mut layer = self.layer.lock();
        let result = act(&mut layer);
        let outputs = std::iter::from_fn(|| layer.poll()).collect();
        self.alarm.ask(layer.deadline());
        (result, outputs)
    }

    /// Lets the timers ring that are due, and asks for the next wake-up.
    pub(crate) fn let_time_pass(&self, now: Now) -> Outputs<O> {
        let is_due = |layer: &Layer<O>| layer.deadline().is_some_and(|deadline| deadline <= now.tick);
        let act = |layer: &mut Layer<O>| {
            if is_due(layer) {
                layer.handle_timeout(now);
            }
        };
        self.step(act).1
    }

    pub(crate) fn tally(&self) -> (usize, Tally) {
        let layer = self.layer.lock();
        (layer.transactions(), layer.tally())
    }
}
