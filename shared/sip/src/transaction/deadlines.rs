//! When the transactions of a layer want to be called next.

use std::{cmp::Reverse, collections::BinaryHeap};

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;

use super::{ClientKey, ServerKey};

/// A heap of wake-ups; those that are no longer needed stay in it until they are due or [pruned](Deadlines::prune).
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Deadlines(BinaryHeap<Reverse<Alarm>>);

/// Who wants to be called, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Alarm {
    pub(super) at: Tick,
    pub(super) whom: Whom,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Whom {
    Server(ServerKey),
    Client(ClientKey),
}

impl Deadlines {
    /// Makes sure that `whom` is called at `wanted`, given that `armed` is its earliest alarm; answers the new one.
    ///
    /// An alarm that has become too early is left alone: it is cheaper to wake once in vain than to search.
    pub(super) fn arm(&mut self, whom: Whom, armed: Option<Tick>, wanted: Option<Tick>) -> Option<Tick> {
        let Some(at) = wanted.filter(|&at| armed.is_none_or(|armed| at < armed)) else {
            return armed;
        };
        self.0.push(Reverse(Alarm { at, whom }));
        Some(at)
    }

    pub(super) fn next(&self) -> Option<Tick> {
        self.0.peek().map(|Reverse(alarm)| alarm.at)
    }

    pub(super) fn pop_due(&mut self, now: Tick) -> Option<Alarm> {
        self.next().filter(|&at| at <= now)?;
        self.0.pop().map(|Reverse(alarm)| alarm)
    }

    /// Throws out alarms nobody waits for, once they outnumber `live` transactions; cheap on average.
    pub(super) fn prune(&mut self, live: usize, is_armed: impl Fn(&Alarm) -> bool) {
        if self.0.len() > 2 * live + PRUNE_FROM {
            self.0.retain(|Reverse(alarm)| is_armed(alarm));
            self.0.shrink_to(2 * live);
        }
    }
}

const PRUNE_FROM: usize = 1_024;
