//! Pairs of local ports from a range, never one that is in use, each resting a while after use (RFC 3550 §11).

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wigwag_sansio::{Entropy, Tick};

/// One of so many pairs is kept for emergency calls, and so many at most.
const KEPT_OF: u16 = 16;
const KEPT_MOST: u16 = 16;

/// UDP ports for RTP and RTCP; only whole even/odd pairs are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortRange {
    first: u16,
    pairs: u16,
}

/// A port range that holds no even/odd pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the media port range {first}-{last} holds no even port with its odd neighbour")]
pub struct PortRangeError {
    first: u16,
    last: u16,
}

impl PortRange {
    /// 16384–32767.
    pub const DEFAULT: PortRange = PortRange {
        first: 16_384,
        pairs: 8_192,
    };

    /// The pairs that lie within `first..=last`.
    pub const fn new(first: u16, last: u16) -> Result<Self, PortRangeError> {
        let even = first as u32 + (first % 2) as u32;
        let end = last as u32 + 1;
        if first == 0 || even + 2 > end {
            return Err(PortRangeError { first, last });
        }
        Ok(PortRange {
            first: even as u16,
            pairs: ((end - even) / 2) as u16,
        })
    }

    /// Number of pairs, which is the greatest number of legs.
    pub const fn pairs(&self) -> u16 {
        self.pairs
    }
}

/// Which pairs are free, resting or in use. The pair that rested longest is given out first, and the first round goes
/// through the range in a shuffled order, so that nobody can guess the port of the next call.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PortAllocator {
    free: VecDeque<PortPair>,
    resting: VecDeque<(Tick, PortPair)>,
    quarantine: Duration,
    pairs: u16,
}

/// What a pair is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// A leg of any call.
    Ordinary,
    /// A leg of a call for help.
    Emergency,
}

/// An even port for RTP and the odd one above it for RTCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PortPair(u16);

impl PortPair {
    pub(crate) const fn rtp(self) -> u16 {
        self.0
    }

    pub(crate) const fn rtcp(self) -> u16 {
        self.0 + 1
    }
}

impl PortAllocator {
    pub(crate) fn new(range: PortRange, quarantine: Duration, entropy: &mut Entropy) -> Self {
        let mut free: VecDeque<_> = (0..range.pairs).map(|n| PortPair(range.first + 2 * n)).collect();
        for index in (1..range.pairs).rev() {
            free.swap(usize::from(index), entropy.below(u32::from(index) + 1) as usize);
        }
        PortAllocator {
            free,
            resting: VecDeque::new(),
            quarantine,
            pairs: range.pairs,
        }
    }

    /// A pair that is neither in use nor resting; the last ones are for emergency calls.
    pub(crate) fn take(&mut self, claim: Claim, now: Tick) -> Option<PortPair> {
        self.end_quarantine(now);
        let kept = match claim {
            Claim::Ordinary => usize::from(self.kept()),
            Claim::Emergency => 0,
        };
        (self.free.len() > kept).then(|| self.free.pop_front())?
    }

    /// How many pairs are kept for emergency calls.
    fn kept(&self) -> u16 {
        (self.pairs / KEPT_OF).min(KEPT_MOST)
    }

    /// Takes back a pair that was given out; it rests until the quarantine is over.
    pub(crate) fn give_back(&mut self, pair: PortPair, now: Tick) {
        self.resting.push_back((now + self.quarantine, pair));
    }

    /// Pairs in use.
    pub(crate) fn in_use(&self) -> usize {
        usize::from(self.pairs) - self.free.len() - self.resting.len()
    }

    /// Pairs in quarantine.
    pub(crate) fn resting(&mut self, now: Tick) -> usize {
        self.end_quarantine(now);
        self.resting.len()
    }

    fn end_quarantine(&mut self, now: Tick) {
        while let Some((until, pair)) = self.resting.front().copied()
            && until <= now
        {
            self.resting.pop_front();
            self.free.push_back(pair);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn allocator(first: u16, last: u16) -> PortAllocator {
        let range = PortRange::new(first, last).expect("a range with pairs");
        PortAllocator::new(range, Duration::from_secs(2), &mut Entropy::from_number(1))
    }

    #[test]
    fn only_whole_pairs_of_the_range_are_used() {
        let pairs = |first, last| PortRange::new(first, last).map(|range| (range.first, range.pairs));
        assert_eq!(pairs(10_000, 10_003), Ok((10_000, 2)));
        assert_eq!(pairs(10_001, 10_004), Ok((10_002, 1)));
        assert_eq!(pairs(65_534, 65_535), Ok((65_534, 1)));
        assert!(pairs(10_001, 10_002).is_err() && pairs(65_535, 65_535).is_err());
        assert!(pairs(0, 10).is_err() && pairs(10, 2).is_err());
        assert_eq!(PortRange::new(16_384, 32_767), Ok(PortRange::DEFAULT));
    }

    #[test]
    fn a_port_is_never_given_out_twice_and_a_full_range_says_so() {
        let mut ports = allocator(20_000, 20_199);
        let taken: BTreeSet<_> = std::iter::from_fn(|| ports.take(Claim::Ordinary, Tick::ZERO))
            .map(PortPair::rtp)
            .collect();
        assert_eq!(taken.len(), 94, "six are kept for emergency calls");
        assert!(taken.iter().all(|port| port % 2 == 0));
        assert_eq!((ports.in_use(), ports.take(Claim::Ordinary, Tick::ZERO)), (94, None));
        let rescued: BTreeSet<_> = std::iter::from_fn(|| ports.take(Claim::Emergency, Tick::ZERO))
            .map(PortPair::rtp)
            .collect();
        assert_eq!((rescued.len(), rescued.is_disjoint(&taken)), (6, true));
    }

    #[test]
    fn a_port_rests_after_use() {
        let mut ports = allocator(20_000, 20_001);
        let pair = ports.take(Claim::Ordinary, Tick::ZERO).expect("one pair");
        ports.give_back(pair, Tick::ZERO);
        assert_eq!(ports.take(Claim::Ordinary, Tick::from_micros(1_999_999)), None);
        assert_eq!((ports.in_use(), ports.resting(Tick::ZERO)), (0, 1));
        assert_eq!(ports.take(Claim::Ordinary, Tick::from_micros(2_000_000)), Some(pair));
    }

    #[test]
    fn the_pair_that_rested_longest_comes_first() {
        let mut ports = allocator(20_000, 20_003);
        let (a, b) = (
            ports.take(Claim::Ordinary, Tick::ZERO),
            ports.take(Claim::Ordinary, Tick::ZERO),
        );
        for pair in [b, a].into_iter().flatten() {
            ports.give_back(pair, Tick::ZERO);
        }
        let later = Tick::from_micros(5_000_000);
        assert_eq!(
            (ports.take(Claim::Ordinary, later), ports.take(Claim::Ordinary, later)),
            (b, a)
        );
    }
}
