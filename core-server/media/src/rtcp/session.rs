//! When to report, what to remember of the peer's reports, and the round trip that follows (RFC 3550 §6.2–6.4).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Entropy, Now, Tick};

use super::{
    ReportBlock, SenderInfo,
    parse::{Blocks, Packet, packets},
    write::Compound,
};
use crate::{
    statistics::{PeerReport, RoundTrip},
    stream::{ReceiveStream, SendStream},
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RtcpSession {
    cname: String,
    entropy: Entropy,
    origin: Now,
    due: Option<Tick>,
    last_sender_report: Option<SenderReport>,
    reported: Option<PeerReport>,
    round_trip: Option<RoundTrip>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct SenderReport {
    middle: u32,
    arrived: Tick,
}

/// Whether a compound ends the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    No,
    Yes,
}

/// Reports are this far apart in the middle, half as much at least, half as much again at most (RFC 3550 §6.2).
const INTERVAL: Duration = Duration::from_secs(5);

/// Seconds between 1900, where NTP begins, and 1970.
const NTP_EPOCH: u64 = 2_208_988_800;

/// No packet is under way for longer.
const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(60);

impl RtcpSession {
    pub(crate) fn new(mut entropy: Entropy, now: Now) -> Self {
        RtcpSession {
            // A name that says nothing, new for each leg (RFC 7022 §4.2).
            cname: entropy.word(16),
            entropy,
            origin: now,
            due: None,
            last_sender_report: None,
            reported: None,
            round_trip: None,
        }
    }

    /// Begins to report.
    pub(crate) fn start(&mut self, now: Tick) {
        if self.due.is_none() {
            self.due = Some(now + self.interval());
        }
    }

    pub(crate) fn deadline(&self) -> Option<Tick> {
        self.due
    }

    pub(crate) fn reported(&self) -> Option<PeerReport> {
        self.reported
    }

    pub(crate) fn round_trip(&self) -> Option<RoundTrip> {
        self.round_trip
    }

    /// Whether a report is due; the next is scheduled when it is.
    pub(crate) fn is_due(&mut self, now: Tick) -> bool {
        let due = self.due.is_some_and(|due| due <= now);
        if due {
            self.due = Some(now + self.interval());
        }
        due
    }

    /// Writes a compound about both directions; answers its length.
    pub(crate) fn write(
        &mut self,
        sent: &mut SendStream,
        heard: &mut ReceiveStream,
        farewell: Farewell,
        buffer: &mut [u8],
        now: Now,
    ) -> usize {
        let sender = sent.sent_since_last_report().then(|| SenderInfo {
            ntp: self.ntp(now),
            rtp_timestamp: sent.timestamp_at(now.tick),
            // Both counts wrap (RFC 3550 §6.4.1).
            packets: sent.statistics().packets as u32,
            payload_bytes: sent.statistics().payload_bytes as u32,
        });
        let last = self.last_sender_report;
        let block = heard.report().map(|report| ReportBlock {
            ssrc: report.ssrc,
            fraction_lost: report.fraction_lost,
            lost: report.lost,
            highest_sequence: report.highest_sequence,
            jitter: report.jitter,
            last_report: last.map_or(0, |last| last.middle),
            delay_since_last_report: last.map_or(0, |last| in_ntp_units(now.tick.since(last.arrived))),
        });
        let compound = Compound {
            ssrc: sent.ssrc(),
            sender,
            block,
            cname: &self.cname,
            goodbye: farewell == Farewell::Yes,
        };
        compound.write(buffer)
    }

    /// Reads a compound of the peer; answers whether it was one.
    pub(crate) fn read(&mut self, compound: &[u8], sent: &SendStream, now: Now) -> bool {
        let mut sound = false;
        for packet in packets(compound) {
            match packet {
                Some(Packet::SenderReport { info, blocks }) => {
                    self.last_sender_report = Some(SenderReport {
                        middle: (info.ntp >> 16) as u32,
                        arrived: now.tick,
                    });
                    self.learn(blocks, sent, now);
                }
                Some(Packet::ReceiverReport { blocks }) => self.learn(blocks, sent, now),
                Some(Packet::Other) => {}
                None => return sound,
            }
            sound = true;
        }
        sound
    }

    fn learn(&mut self, blocks: Blocks<'_>, sent: &SendStream, now: Now) {
        for block in blocks.iter().filter(|block| block.ssrc == sent.ssrc()) {
            let jitter_us = u64::from(block.jitter) * 1_000_000 / u64::from(sent.clock_rate().max(1));
            self.reported = Some(PeerReport {
                fraction_lost: block.fraction_lost,
                lost: block.lost,
                jitter_us: u32::try_from(jitter_us).unwrap_or(u32::MAX),
            });
            if block.last_report != 0 {
                self.measure_round_trip(&block, now);
            }
        }
    }

    fn measure_round_trip(&mut self, block: &ReportBlock, now: Now) {
        let middle = (self.ntp(now) >> 16) as u32;
        let units = middle
            .wrapping_sub(block.last_report)
            .wrapping_sub(block.delay_since_last_report);
        let last_us = ((u64::from(units) * 1_000_000) >> 16) as u32;
        // A clock that runs a little fast makes it negative; a liar makes it anything.
        if units >= in_ntp_units(LONGEST_ROUND_TRIP) {
            return;
        }
        let known = self.round_trip;
        self.round_trip = Some(RoundTrip {
            last_us,
            min_us: known.map_or(last_us, |known| known.min_us.min(last_us)),
            max_us: known.map_or(last_us, |known| known.max_us.max(last_us)),
        });
    }

    /// The time as NTP writes it, moved on by the monotonic clock alone, so that no correction upsets a round trip.
    fn ntp(&self, now: Now) -> u64 {
        let origin_us = u64::try_from(self.origin.utc.as_millis()).unwrap_or(0) * 1000;
        let elapsed = now.tick.since(self.origin.tick).as_micros();
        let micros = origin_us.saturating_add(u64::try_from(elapsed).unwrap_or(u64::MAX));
        let seconds = (micros / 1_000_000 + NTP_EPOCH) as u32;
        (u64::from(seconds) << 32) | (((micros % 1_000_000) << 32) / 1_000_000)
    }

    fn interval(&mut self) -> Duration {
        let spread = u32::try_from(INTERVAL.as_micros()).expect("five seconds of microseconds fit");
        INTERVAL / 2 + Duration::from_micros(u64::from(self.entropy.below(spread)))
    }
}

/// A duration in 65536ths of a second.
fn in_ntp_units(duration: Duration) -> u32 {
    let units = (duration.as_micros() << 16) / 1_000_000;
    u32::try_from(units).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::testing::VirtualClock;

    use super::*;
    use crate::rtcp::{RECEIVER_REPORT, SENDER_REPORT};

    /// One end of a stream.
    struct End {
        session: RtcpSession,
        sent: SendStream,
        heard: ReceiveStream,
    }

    impl End {
        fn new(seed: u64, now: Now) -> End {
            let mut entropy = Entropy::from_number(seed);
            End {
                sent: SendStream::new(&mut entropy),
                heard: ReceiveStream::default(),
                session: RtcpSession::new(entropy, now),
            }
        }

        fn speak_to(&mut self, other: &mut End, now: Now) {
            let header = self.sent.next_own(8, 8_000, 160, now.tick);
            self.sent.count(160);
            other.heard.count(&header, 160, Some(8_000), now.tick);
        }

        fn report(&mut self, now: Now) -> Vec<u8> {
            let mut buffer = [0; 128];
            let len = self
                .session
                .write(&mut self.sent, &mut self.heard, Farewell::No, &mut buffer, now);
            buffer[..len].to_vec()
        }

        fn read(&mut self, report: &[u8], now: Now) -> bool {
            self.session.read(report, &self.sent, now)
        }
    }

    #[test]
    fn the_round_trip_is_what_the_network_took() {
        let mut clock = VirtualClock::default();
        let (mut us, mut phone) = (
            End::new(1, clock.now()),
            End::new(2, clock.advance(Duration::from_secs(3600))),
        );
        us.speak_to(&mut phone, clock.now());
        let report = us.report(clock.now());
        assert!(phone.read(&report, clock.advance(Duration::from_millis(30))));
        let answer = phone.report(clock.advance(Duration::from_millis(700)));
        assert_eq!((report[1], answer[1]), (SENDER_REPORT, RECEIVER_REPORT));
        assert!(us.read(&answer, clock.advance(Duration::from_millis(15))));
        let round_trip = us.session.round_trip().expect("a measurement");
        assert!(round_trip.last_us.abs_diff(45_000) < 50, "{round_trip:?}");
        assert_eq!(
            (round_trip.min_us, round_trip.max_us),
            (round_trip.last_us, round_trip.last_us)
        );
        assert_eq!(us.session.reported().map(|reported| reported.lost), Some(0));
    }

    #[test]
    fn a_report_about_another_stream_or_with_a_lie_about_time_is_no_measurement() {
        let mut clock = VirtualClock::default();
        let (mut us, mut phone) = (End::new(1, clock.now()), End::new(2, clock.now()));
        us.speak_to(&mut phone, clock.now());
        let report = us.report(clock.now());
        phone.read(&report, clock.now());
        let answer = phone.report(clock.now());
        let mut of_another = answer.clone();
        of_another[8] ^= 1;
        us.read(&of_another, clock.advance(Duration::from_millis(5)));
        assert_eq!(us.session.reported(), None);
        let mut lie = answer;
        lie[28] = 0xff;
        us.read(&lie, clock.now());
        assert_eq!((us.session.reported().is_some(), us.session.round_trip()), (true, None));
        assert!(!us.read(&[0x80, 200, 0, 1, 0, 0, 0, 0], clock.now()));
    }

    #[test]
    fn reports_are_five_seconds_apart_give_or_take_a_half() {
        let mut clock = VirtualClock::default();
        let mut session = RtcpSession::new(Entropy::from_number(3), clock.now());
        assert_eq!((session.deadline(), session.is_due(clock.now().tick)), (None, false));
        session.start(clock.now().tick);
        let mut total = Duration::ZERO;
        for _ in 0..1000 {
            let deadline = session.deadline().expect("the next report");
            let gap = deadline.since(clock.now().tick);
            assert!(gap >= INTERVAL / 2 && gap <= INTERVAL * 3 / 2);
            total += gap;
            assert!(session.is_due(clock.advance_to(deadline).tick));
        }
        assert!(total.as_secs().abs_diff(5000) < 200);
    }
}
