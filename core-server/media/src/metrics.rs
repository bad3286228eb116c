//! Counters of the whole media plane.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::drops::{DropReason, Drops};

/// A moment's figures of the whole media plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaMetrics {
    /// Open legs.
    pub legs: u64,
    /// Ports of the range that are in use; both of a pair.
    pub ports_in_use: u64,
    /// Ports of the range that rest after use.
    pub ports_resting: u64,
    /// Legs refused because no port was free.
    pub ports_exhausted: u64,
    /// RTP and RTCP packets received, whatever became of them.
    pub packets_received: u64,
    /// RTP packets passed on from one leg to another, or echoed.
    pub packets_relayed: u64,
    /// RTP packets that were decoded, to be mixed or transcoded.
    pub packets_mixed: u64,
    /// RTP packets of sounds that we made or mixed.
    pub packets_played: u64,
    /// RTCP packets sent.
    pub reports_sent: u64,
    /// Times that a media thread woke up.
    pub wake_ups: u64,
    /// Packets not passed on.
    pub dropped: Drops,
}

/// The counters of one media thread: written by that thread alone, read by anyone, so plain loads and stores suffice.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) legs: Counter,
    pub(crate) packets_received: Counter,
    pub(crate) packets_relayed: Counter,
    pub(crate) packets_mixed: Counter,
    pub(crate) packets_played: Counter,
    pub(crate) reports_sent: Counter,
    pub(crate) wake_ups: Counter,
    dropped: [Counter; DropReason::ALL.len()],
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.set(self.value() + count);
    }

    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn dropped(&self, reason: DropReason) {
        self.dropped[reason as usize].add(1);
    }

    pub(crate) fn add_to(&self, metrics: &mut MediaMetrics) {
        metrics.legs += self.legs.value();
        metrics.packets_received += self.packets_received.value();
        metrics.packets_relayed += self.packets_relayed.value();
        metrics.packets_mixed += self.packets_mixed.value();
        metrics.packets_played += self.packets_played.value();
        metrics.reports_sent += self.reports_sent.value();
        metrics.wake_ups += self.wake_ups.value();
        for (reason, counter) in DropReason::ALL.into_iter().zip(&self.dropped) {
            metrics.dropped.add(reason, counter.value());
        }
    }
}
