//! One continuous stream to one phone, whoever speaks (RFC 3550 §5.1): sequence numbers and timestamps run on when the
//! speaker changes, and a change is marked as the start of a talk spurt (RFC 3551 §4.1).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Entropy, Tick};

use super::in_clock_units;
use crate::{rtp::Header, statistics::SendStatistics};

/// Who speaks: a leg by a number of its thread's choosing, or a sound of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SpeakerId {
    Leg {
        number: u64,
        ssrc: u32,
    },
    /// Our last packet lasts so many clock units.
    Sound {
        duration: u32,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SendStream {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    clock_rate: u32,
    sent_at: Option<Tick>,
    speaker: Option<Speaker>,
    statistics: SendStatistics,
    /// Packets sent since the last report, to tell a sender from a listener.
    unreported: bool,
}

/// What to add to the numbers of the present speaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Speaker {
    id: SpeakerId,
    sequence_offset: u16,
    timestamp_offset: u32,
}

/// A greater step forward is a restart of the speaker rather than loss (RFC 3550 A.1).
const MAX_DROPOUT: i16 = 3000;
/// A smaller step back is a packet that was overtaken.
const MAX_MISORDER: i16 = 100;
/// Of our own sound, and of nearly all phones.
const PACKETS_PER_SECOND: u32 = 50;
/// When nothing was sent for this long, our sound begins anew in real time.
const PAUSE: Duration = Duration::from_millis(150);
/// No packet is overtaken by this much.
const LATEST: Duration = Duration::from_secs(1);

impl SendStream {
    pub(crate) fn new(entropy: &mut Entropy) -> Self {
        SendStream {
            ssrc: entropy.next_u32(),
            // The upper half stays free, so that early loss cannot upset the roll-over counter (RFC 3711 §3.3.1).
            sequence: (entropy.next_u32() & 0x7fff) as u16,
            timestamp: entropy.next_u32(),
            clock_rate: 8_000,
            sent_at: None,
            speaker: None,
            statistics: SendStatistics::default(),
            unreported: false,
        }
    }

    pub(crate) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The clock rate of the last packet, in hertz.
    pub(crate) fn clock_rate(&self) -> u32 {
        self.clock_rate
    }

    pub(crate) fn statistics(&self) -> SendStatistics {
        self.statistics
    }

    /// The header with which a speaker's packet continues this stream.
    pub(crate) fn next(
        &mut self,
        id: SpeakerId,
        spoken: &Header,
        payload_type: u8,
        clock_rate: u32,
        now: Tick,
    ) -> Header {
        let (speaker, changed) = match self.speaker {
            Some(speaker) if speaker.id == id && !self.leaps(&speaker, spoken, now) => (speaker, false),
            Some(_) | None => (self.welcome(id, spoken, clock_rate, now), true),
        };
        let header = Header {
            payload_type,
            marker: spoken.marker || changed,
            sequence: spoken.sequence.wrapping_add(speaker.sequence_offset),
            timestamp: spoken.timestamp.wrapping_add(speaker.timestamp_offset),
            ssrc: self.ssrc,
        };
        // A packet that was overtaken on its way does not turn the stream back.
        if changed || header.sequence.wrapping_sub(self.sequence) < 0x8000 {
            self.sequence = header.sequence;
            self.timestamp = header.timestamp;
            self.clock_rate = clock_rate;
            self.sent_at = Some(now);
        }
        header
    }

    /// The header of a packet that we make ourselves, which lasts `duration` clock units: it follows the one before
    /// without a gap, unless something else was sent, or nothing for a while.
    pub(crate) fn next_own(&mut self, payload_type: u8, clock_rate: u32, duration: u32, now: Tick) -> Header {
        let goes_on = match self.speaker {
            Some(Speaker {
                id: SpeakerId::Sound { duration },
                ..
            }) => self
                .sent_at
                .filter(|sent_at| *sent_at + PAUSE > now && self.clock_rate == clock_rate)
                .map(|_| duration),
            Some(_) | None => None,
        };
        let step = goes_on.unwrap_or_else(|| self.gap(clock_rate, now));
        self.speaker = Some(Speaker {
            id: SpeakerId::Sound { duration },
            sequence_offset: 0,
            timestamp_offset: 0,
        });
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(step);
        self.clock_rate = clock_rate;
        self.sent_at = Some(now);
        Header {
            payload_type,
            marker: goes_on.is_none(),
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        }
    }

    pub(crate) fn count(&mut self, payload_bytes: usize) {
        self.statistics.packets += 1;
        self.statistics.payload_bytes += payload_bytes as u64;
        self.unreported = true;
    }

    /// Whether anything was sent since this was last asked (RFC 3550 §6.4: sender report or receiver report).
    pub(crate) fn sent_since_last_report(&mut self) -> bool {
        std::mem::take(&mut self.unreported)
    }

    /// The timestamp that a packet made now would carry.
    pub(crate) fn timestamp_at(&self, now: Tick) -> u32 {
        self.timestamp.wrapping_add(self.elapsed(self.clock_rate, now))
    }

    /// Whether the speaker has started to count anew: what follows could not be told from packets of long ago.
    fn leaps(&self, speaker: &Speaker, spoken: &Header, now: Tick) -> bool {
        let sequence = spoken.sequence.wrapping_add(speaker.sequence_offset);
        let ahead = sequence.wrapping_sub(self.sequence).cast_signed();
        let long_ago = self.sent_at.is_some_and(|sent_at| sent_at + LATEST <= now);
        !(-MAX_MISORDER..MAX_DROPOUT).contains(&ahead) || (ahead <= 0 && long_ago)
    }

    fn welcome(&mut self, id: SpeakerId, spoken: &Header, clock_rate: u32, now: Tick) -> Speaker {
        let gap = self.gap(clock_rate, now);
        let speaker = Speaker {
            id,
            sequence_offset: self.sequence.wrapping_add(1).wrapping_sub(spoken.sequence),
            timestamp_offset: self.timestamp.wrapping_add(gap).wrapping_sub(spoken.timestamp),
        };
        self.speaker = Some(speaker);
        speaker
    }

    /// From the last packet to one of another speaker: real time, but never so little that the two overlap.
    fn gap(&self, clock_rate: u32, now: Tick) -> u32 {
        self.elapsed(clock_rate, now).max(clock_rate / PACKETS_PER_SECOND)
    }

    fn elapsed(&self, clock_rate: u32, now: Tick) -> u32 {
        self.sent_at.map_or(0, |sent_at| {
            in_clock_units(now, clock_rate).wrapping_sub(in_clock_units(sent_at, clock_rate))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(sequence: u16, timestamp: u32) -> Header {
        Header {
            payload_type: 8,
            marker: false,
            sequence,
            timestamp,
            ssrc: 7,
        }
    }

    const A: SpeakerId = SpeakerId::Leg { number: 1, ssrc: 7 };

    fn next(stream: &mut SendStream, id: SpeakerId, sequence: u16, timestamp: u32, ms: u64) -> Header {
        stream.next(id, &spoken(sequence, timestamp), 8, 8_000, Tick::from_micros(ms * 1000))
    }

    #[test]
    fn a_change_of_speaker_is_one_step_in_sequence_and_real_time_in_timestamps() {
        let mut stream = SendStream::new(&mut Entropy::from_number(1));
        let first = next(&mut stream, A, 65_535, 4_294_967_290, 0);
        let second = next(&mut stream, A, 0, 154, 20);
        assert_eq!(second.sequence.wrapping_sub(first.sequence), 1);
        assert_eq!(second.timestamp.wrapping_sub(first.timestamp), 160);
        let tone = stream.next_own(8, 8_000, 160, Tick::from_micros(120_000));
        assert_eq!(tone.sequence.wrapping_sub(second.sequence), 1);
        assert_eq!(tone.timestamp.wrapping_sub(second.timestamp), 800);
        assert_eq!([first, second, tone].map(|header| header.marker), [true, false, true]);
        assert!([first, second, tone].iter().all(|header| header.ssrc == stream.ssrc()));
    }

    #[test]
    fn a_speaker_that_counts_anew_does_not_tear_the_stream() {
        let mut stream = SendStream::new(&mut Entropy::from_number(1));
        let before = next(&mut stream, A, 40_000, 500_000, 0);
        for (n, sequence) in (1..).zip([7u16, 8, 60_000, 9]) {
            let after = next(&mut stream, A, sequence, u32::from(sequence), u64::from(n) * 20);
            assert_eq!(after.sequence.wrapping_sub(before.sequence), n);
        }
    }

    #[test]
    fn what_is_said_a_second_time_after_a_pause_is_new() {
        let mut stream = SendStream::new(&mut Entropy::from_number(1));
        let sequences = [0, 20, 3000, 3020].map(|ms| {
            let sequence = if ms % 1000 == 0 { 7 } else { 8 };
            next(&mut stream, A, sequence, 160, ms).sequence
        });
        assert_eq!(
            sequences.map(|sequence| sequence.wrapping_sub(sequences[0])),
            [0, 1, 2, 3]
        );
    }

    #[test]
    fn loss_and_reordering_of_the_speaker_stay_visible() {
        let mut stream = SendStream::new(&mut Entropy::from_number(1));
        let sequences =
            [10u16, 13, 12, 14].map(|n| next(&mut stream, A, n, u32::from(n) * 160, u64::from(n) * 20).sequence);
        let steps = sequences.map(|sequence| sequence.wrapping_sub(sequences[0]));
        assert_eq!(steps, [0, 3, 2, 4]);
        let own = stream.next_own(8, 8_000, 160, Tick::from_micros(300_000));
        assert_eq!(own.sequence.wrapping_sub(sequences[3]), 1);
    }

    #[test]
    fn our_own_packets_follow_each_other_by_their_length_and_overlap_nobody() {
        let mut stream = SendStream::new(&mut Entropy::from_number(1));
        let relayed = next(&mut stream, A, 7, 160, 0);
        // The first comes 3 ms after the last of the speaker, the fourth is late, the fifth after a hold.
        let own = [3, 23, 44, 130, 2_150].map(|ms| stream.next_own(8, 8_000, 160, Tick::from_micros(ms * 1000)));
        let steps = own.map(|header| header.timestamp.wrapping_sub(relayed.timestamp));
        assert_eq!(steps, [160, 320, 480, 640, 640 + 2_020 * 8]);
        assert_eq!(own.map(|header| header.marker), [true, false, false, false, true]);
        let back = next(&mut stream, A, 900, 77_777, 2_151);
        assert_eq!(back.sequence.wrapping_sub(relayed.sequence), 6);
        assert_eq!(back.timestamp.wrapping_sub(own[4].timestamp), 160);
    }
}
