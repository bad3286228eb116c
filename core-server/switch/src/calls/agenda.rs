//! What calls are to be turned for besides messages: times that come, and what those tell who must not turn calls.
//!
//! What calls wait for takes half a second and more. Times are rounded up to a coarse grid, so that many share one
//! wake-up.

use std::{cmp::Reverse, collections::BinaryHeap, mem};

use parking_lot::{Condvar, Mutex};
use wigwag_sansio::Tick;
use wigwag_sip_io::Clock;

use super::Mail;
use crate::owner::CallNumber;

const GRAIN_US: u64 = 10_000;
/// What may wait to be brought; what does not fit is dropped: nothing of it ends or keeps a call.
const MOST_POSTED: usize = 65_536;

/// The agenda of all calls, for one timekeeper.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    items: Mutex<Items>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Items {
    alarms: BinaryHeap<Reverse<(Tick, CallNumber)>>,
    posted: Vec<(CallNumber, Mail)>,
    is_closed: bool,
}

impl Agenda {
    /// Sets an alarm for a call; tells when it will ring.
    pub(crate) fn set_alarm(&self, at: Tick, call: CallNumber) -> Tick {
        let at = Tick::from_micros(at.as_micros().div_ceil(GRAIN_US).saturating_mul(GRAIN_US));
        let mut items = self.items.lock();
        let is_earliest = items.next().is_none_or(|next| at < next);
        items.alarms.push(Reverse((at, call)));
        drop(items);
        if is_earliest {
            self.changed.notify_one();
        }
        at
    }

    /// Has something brought to a call at once.
    pub(crate) fn post(&self, call: CallNumber, mail: Mail) {
        let mut items = self.items.lock();
        let is_first = items.posted.is_empty();
        if items.posted.len() < MOST_POSTED {
            items.posted.push((call, mail));
        }
        drop(items);
        if is_first {
            self.changed.notify_one();
        }
    }

    /// The same for what must not be lost: each call waits for one such thing at most.
    pub(crate) fn hand(&self, call: CallNumber, mail: Mail) {
        self.items.lock().posted.push((call, mail));
        self.changed.notify_one();
    }

    /// Waits until something is to be brought; `None` once the agenda is closed.
    pub(crate) fn wait(&self, clock: &Clock) -> Option<Vec<(CallNumber, Mail)>> {
        let mut items = self.items.lock();
        while !items.is_closed {
            let due = items.take_due(clock.now().tick);
            if !due.is_empty() {
                return Some(due);
            }
            match items.next() {
                Some(next) => drop(self.changed.wait_until(&mut items, clock.instant(next).into_std())),
                None => self.changed.wait(&mut items),
            }
        }
        None
    }

    /// Ends the wait, now and for ever.
    pub(crate) fn close(&self) {
        self.items.lock().is_closed = true;
        self.changed.notify_one();
    }
}

impl Items {
    fn next(&self) -> Option<Tick> {
        self.alarms.peek().map(|Reverse((at, _))| *at)
    }

    fn take_due(&mut self, now: Tick) -> Vec<(CallNumber, Mail)> {
        let mut due = mem::take(&mut self.posted);
        while let Some(Reverse((at, call))) = self.alarms.peek().copied()
            && at <= now
        {
            self.alarms.pop();
            due.push((call, Mail::Alarm(at)));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn alarms_ring_in_order_and_never_early() {
        let agenda = Agenda::default();
        let ms = |ms| Tick::ZERO + Duration::from_millis(ms);
        for (at, call) in [(25, 1), (12, 2), (18, 3), (500, 4)] {
            assert!(agenda.set_alarm(ms(at), CallNumber(call)) >= ms(at));
        }
        let mut items = agenda.items.lock();
        assert_eq!(items.next(), Some(ms(20)));
        assert!(items.take_due(ms(19)).is_empty());
        let due: Vec<u64> = items.take_due(ms(30)).iter().map(|(call, _)| call.0).collect();
        assert_eq!(due, [2, 3, 1]);
        assert_eq!(items.next(), Some(ms(500)));
    }
}
