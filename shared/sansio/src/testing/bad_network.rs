//! A network that loses, delays, doubles and reorders, the same way every time for the same seed.

use std::{collections::BTreeMap, time::Duration};

use crate::{Entropy, Tick};

/// How bad the network is; chances are in thousandths.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Chance that a packet is lost.
    pub loss_permille: u32,
    /// Chance that a packet arrives twice.
    pub duplicate_permille: u32,
    /// The least delay.
    pub delay: Duration,
    /// What is added to the delay at most; more than the gap between packets means reordering.
    pub jitter: Duration,
}

impl Weather {
    /// Nothing is lost, 1 ms of delay.
    pub const FINE: Weather = Weather {
        loss_permille: 0,
        duplicate_permille: 0,
        delay: Duration::from_millis(1),
        jitter: Duration::ZERO,
    };

    /// One packet in five is lost, one in ten doubled, with jitter that reorders.
    pub const STORM: Weather = Weather {
        loss_permille: 200,
        duplicate_permille: 100,
        delay: Duration::from_millis(10),
        jitter: Duration::from_millis(80),
    };
}

/// Packets under way, each to arrive at its own time.
#[derive(Debug)]
pub struct BadNetwork<P> {
    weather: Weather,
    entropy: Entropy,
    sequence: u64,
    in_flight: BTreeMap<(Tick, u64), P>,
}

impl<P: Clone> BadNetwork<P> {
    /// An empty network.
    pub fn new(weather: Weather, seed: u64) -> Self {
        BadNetwork {
            weather,
            entropy: Entropy::from_number(seed),
            sequence: 0,
            in_flight: BTreeMap::new(),
        }
    }

    /// Sends a packet, which may never arrive, or arrive twice.
    pub fn send(&mut self, packet: P, at: Tick) {
        if self.entropy.below(1000) < self.weather.loss_permille {
            return;
        }
        if self.entropy.below(1000) < self.weather.duplicate_permille {
            self.put(packet.clone(), at);
        }
        self.put(packet, at);
    }

    /// When the next packet arrives.
    pub fn next_arrival(&self) -> Option<Tick> {
        self.in_flight.keys().next().map(|(tick, _)| *tick)
    }

    /// Takes the next packet that has arrived by `at`.
    pub fn receive(&mut self, at: Tick) -> Option<P> {
        let entry = self.in_flight.first_entry()?;
        (entry.key().0 <= at).then(|| entry.remove())
    }

    fn put(&mut self, packet: P, at: Tick) {
        let jitter_micros = u32::try_from(self.weather.jitter.as_micros()).unwrap_or(u32::MAX);
        let jitter = Duration::from_micros(u64::from(self.entropy.below(jitter_micros.max(1))));
        self.sequence += 1;
        self.in_flight
            .insert((at + self.weather.delay + jitter, self.sequence), packet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_loses_the_same_packets() {
        let run = |seed| {
            let mut network = BadNetwork::new(Weather::STORM, seed);
            (0..200u64).for_each(|n| network.send(n, Tick::from_micros(n * 1000)));
            let mut arrived = Vec::new();
            while let Some(packet) = network.receive(Tick::from_micros(10_000_000)) {
                arrived.push(packet);
            }
            arrived
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}
