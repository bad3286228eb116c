//! What a phone's stream looks like on arrival: loss and jitter (RFC 3550 §6.4.1, appendices A.1, A.3 and A.8).

use serde::{Deserialize, Serialize};
use wigwag_sansio::Tick;

use super::in_clock_units;
use crate::{rtp::Header, statistics::ReceiveStatistics};

/// The measured stream of one leg, over all the sources that it ever had.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReceiveStream {
    source: Option<Source>,
    /// Everything but the loss and jitter of the present source.
    past: ReceiveStatistics,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Source {
    ssrc: u32,
    first: u32,
    highest: u16,
    cycles: u32,
    received: u64,
    after_jump: Option<u16>,
    transit: Option<Transit>,
    /// Sixteen times the jitter, in clock units.
    jitter: u32,
    clock_rate: u32,
    reported_expected: u64,
    reported_received: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Transit(u32);

/// The receiver's half of a report block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReceptionReport {
    pub(crate) ssrc: u32,
    pub(crate) fraction_lost: u8,
    pub(crate) lost: i32,
    pub(crate) highest_sequence: u32,
    pub(crate) jitter: u32,
}

/// A greater step forward is a restart of the sender rather than loss.
const MAX_DROPOUT: u16 = 3000;
/// A smaller step back is a packet that was overtaken.
const MAX_MISORDER: u16 = 100;

impl ReceiveStream {
    /// Measures one packet. `clock_rate` is `None` for packets whose timestamps do not tell when they were sent (key
    /// presses repeat the timestamp of their start).
    pub(crate) fn count(&mut self, header: &Header, payload_bytes: usize, clock_rate: Option<u32>, now: Tick) {
        self.past.packets += 1;
        self.past.payload_bytes += payload_bytes as u64;
        let source = match &mut self.source {
            Some(source) if source.ssrc == header.ssrc => source,
            Some(_) | None => self.begin(header),
        };
        match source.step(header.sequence) {
            Step::Forward => source.received += 1,
            Step::Overtaken => {
                source.received += 1;
                self.past.reordered += 1;
            }
            Step::Jump => {}
            Step::Restart => {
                self.begin(header).received = 1;
            }
        }
        if let (Some(clock_rate), Some(source)) = (clock_rate, &mut self.source) {
            source.measure_jitter(header.timestamp, clock_rate, now);
            self.past.jitter_max_us = self.past.jitter_max_us.max(source.jitter_us());
        }
    }

    pub(crate) fn statistics(&self) -> ReceiveStatistics {
        let source = self.source.as_ref();
        ReceiveStatistics {
            lost: self.past.lost + source.map_or(0, Source::lost),
            jitter_us: source.map_or(self.past.jitter_us, Source::jitter_us),
            ..self.past
        }
    }

    /// The block for the next report; its fraction is about the time since the report before.
    pub(crate) fn report(&mut self) -> Option<ReceptionReport> {
        self.source.as_mut().map(Source::report)
    }

    fn begin(&mut self, header: &Header) -> &mut Source {
        if let Some(source) = &self.source {
            self.past.lost += source.lost();
            self.past.jitter_us = source.jitter_us();
        }
        self.source.insert(Source {
            ssrc: header.ssrc,
            first: u32::from(header.sequence),
            highest: header.sequence,
            cycles: 0,
            received: 0,
            after_jump: None,
            transit: None,
            jitter: 0,
            clock_rate: 8_000,
            reported_expected: 0,
            reported_received: 0,
        })
    }
}

enum Step {
    Forward,
    Overtaken,
    Jump,
    Restart,
}

impl Source {
    fn step(&mut self, sequence: u16) -> Step {
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead < MAX_DROPOUT {
            if sequence < self.highest {
                self.cycles += 1;
            }
            self.highest = sequence;
            self.after_jump = None;
            return if ahead == 0 && self.received > 0 {
                Step::Overtaken
            } else {
                Step::Forward
            };
        }
        if ahead > u16::MAX - MAX_MISORDER {
            return Step::Overtaken;
        }
        // Two in a row after a jump: the sender has started anew.
        if self.after_jump == Some(sequence) {
            return Step::Restart;
        }
        self.after_jump = Some(sequence.wrapping_add(1));
        Step::Jump
    }

    fn measure_jitter(&mut self, timestamp: u32, clock_rate: u32, now: Tick) {
        if clock_rate != self.clock_rate {
            self.clock_rate = clock_rate;
            self.transit = None;
            self.jitter = 0;
        }
        let transit = in_clock_units(now, clock_rate).wrapping_sub(timestamp);
        if let Some(Transit(before)) = self.transit.replace(Transit(transit)) {
            let difference = transit.wrapping_sub(before).cast_signed().unsigned_abs();
            // A timestamp that leaps is a new talk spurt of a careless sender, not jitter.
            if difference < clock_rate {
                self.jitter = self.jitter.saturating_add(difference) - (self.jitter.saturating_add(8) >> 4);
            }
        }
    }

    fn extended_highest(&self) -> u64 {
        u64::from(self.cycles) << 16 | u64::from(self.highest)
    }

    fn expected(&self) -> u64 {
        (self.extended_highest() + 1).saturating_sub(u64::from(self.first))
    }

    fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }

    fn jitter_us(&self) -> u32 {
        let micros = u64::from(self.jitter >> 4) * 1_000_000 / u64::from(self.clock_rate.max(1));
        u32::try_from(micros).unwrap_or(u32::MAX)
    }

    fn report(&mut self) -> ReceptionReport {
        let (expected, received) = (self.expected(), self.received);
        let expected_since = expected - self.reported_expected;
        let lost_since = expected_since.saturating_sub(received - self.reported_received);
        (self.reported_expected, self.reported_received) = (expected, received);
        let fraction_lost = (lost_since << 8).checked_div(expected_since).unwrap_or(0);
        let lost = i64::try_from(expected).unwrap_or(i64::MAX) - i64::try_from(received).unwrap_or(i64::MAX);
        ReceptionReport {
            ssrc: self.ssrc,
            fraction_lost: u8::try_from(fraction_lost).unwrap_or(u8::MAX),
            lost: lost.clamp(-0x80_0000, 0x7f_ffff) as i32,
            highest_sequence: self.extended_highest() as u32,
            jitter: self.jitter >> 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(stream: &mut ReceiveStream, ssrc: u32, sequence: u16, timestamp: u32, now_us: u64) {
        let header = Header {
            payload_type: 8,
            marker: false,
            sequence,
            timestamp,
            ssrc,
        };
        stream.count(&header, 160, Some(8_000), Tick::from_micros(now_us));
    }

    #[test]
    fn loss_is_exact_across_the_wrap_of_sequence_numbers() {
        let mut stream = ReceiveStream::default();
        let lost = |n: u32| n % 10 == 3;
        for n in (0..100_000u32).filter(|n| !lost(*n)) {
            hear(&mut stream, 1, (65_000 + n) as u16, n * 160, u64::from(n) * 20_000);
        }
        let statistics = stream.statistics();
        assert_eq!(
            (statistics.packets, statistics.lost, statistics.reordered),
            (90_000, 10_000, 0)
        );
        assert_eq!(statistics.payload_bytes, 90_000 * 160);
        assert_eq!(statistics.jitter_us, 0);
        let report = stream.report().expect("a source");
        assert_eq!((report.fraction_lost, report.lost), (25, 10_000));
        assert_eq!(report.highest_sequence, 65_000 + 99_999);
    }

    #[test]
    fn a_reports_fraction_is_about_the_time_since_the_last_one() {
        let mut stream = ReceiveStream::default();
        for n in [1u16, 2, 4, 5] {
            hear(&mut stream, 1, n, u32::from(n) * 160, 0);
        }
        assert_eq!(
            stream.report().map(|report| (report.fraction_lost, report.lost)),
            Some((51, 1))
        );
        for n in 6..10u16 {
            hear(&mut stream, 1, n, u32::from(n) * 160, 0);
        }
        assert_eq!(
            stream.report().map(|report| (report.fraction_lost, report.lost)),
            Some((0, 1))
        );
        assert_eq!(stream.report().map(|report| report.fraction_lost), Some(0));
    }

    #[test]
    fn jitter_follows_the_formula() {
        let mut stream = ReceiveStream::default();
        let mut expected = 0f64;
        let mut before = 0i64;
        for n in 0..500i64 {
            let late = if n % 2 == 0 { 0 } else { 5_000 };
            hear(&mut stream, 1, n as u16, (n * 160) as u32, (n * 20_000 + late) as u64);
            if n > 0 {
                let difference = ((late - before) * 8 / 1000).abs() as f64;
                expected += (difference - expected) / 16.0;
            }
            before = late;
        }
        let measured = f64::from(stream.statistics().jitter_us);
        assert!(
            (measured - expected * 125.0).abs() <= 125.0,
            "{measured} µs, {expected} units"
        );
        assert_eq!(stream.statistics().jitter_max_us, stream.statistics().jitter_us);
    }

    #[test]
    fn overtaken_and_doubled_packets_are_not_lost() {
        let mut stream = ReceiveStream::default();
        for n in [1u16, 2, 4, 3, 5, 5] {
            hear(&mut stream, 1, n, u32::from(n) * 160, 0);
        }
        let statistics = stream.statistics();
        assert_eq!((statistics.packets, statistics.lost, statistics.reordered), (6, 0, 2));
    }

    #[test]
    fn a_new_source_and_a_restart_keep_the_loss_of_the_old() {
        let mut stream = ReceiveStream::default();
        for (ssrc, sequence) in [(1, 10), (1, 12), (2, 40_000), (2, 40_001), (2, 100), (2, 101), (2, 103)] {
            hear(&mut stream, ssrc, sequence, 0, 0);
        }
        assert_eq!((stream.statistics().packets, stream.statistics().lost), (7, 2));
    }
}
