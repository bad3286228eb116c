//! What a leg makes of a datagram: the order in which its parts look at it.

use std::{net::SocketAddr, ops::Range};

use wigwag_sansio::Now;

use super::{Channel, Leg, LegEvent, MAX_PACKET, state::KeySource};
use crate::{
    drops::DropReason,
    keys::KeyCourse,
    latch::{Passed, UnknownSsrc},
    payload::Content,
    rtp::{self, Header, Kind},
};

/// What a datagram turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// Sound, or a key press, for whoever listens.
    Rtp(Arrival),
    /// RTCP, which ends here.
    Rtcp,
}

/// A valid packet of the leg's phone, decrypted, in the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) header: Header,
    pub(crate) payload: Range<usize>,
    pub(crate) content: Content,
}

impl Leg {
    /// Takes the datagram in `packet`, which came from `source`, and decrypts it in place.
    pub(crate) fn receive(
        &mut self,
        channel: Channel,
        packet: &mut [u8],
        source: SocketAddr,
        now: Now,
    ) -> Result<Received, DropReason> {
        // A datagram that fills the buffer was longer.
        if packet.len() >= MAX_PACKET {
            return Err(DropReason::Malformed);
        }
        match (Kind::of(packet), channel) {
            (Kind::Rtp, Channel::Rtp) => self.receive_rtp(packet, source, now).map(Received::Rtp),
            (Kind::Rtcp, _) => self.receive_rtcp(channel, packet, source, now).map(|()| Received::Rtcp),
            (Kind::Rtp, Channel::Rtcp) | (Kind::Other, _) => Err(DropReason::Malformed),
        }
    }

    fn receive_rtp(&mut self, packet: &mut [u8], source: SocketAddr, now: Now) -> Result<Arrival, DropReason> {
        let (header, header_len) = Header::parse(packet).ok_or(DropReason::Malformed)?;
        let agreement = self.agreement.as_ref().ok_or(DropReason::UnknownSource)?;
        if !self.latch.may_pass(source, now.tick) {
            return Err(DropReason::UnknownSource);
        }
        let spoken = self
            .spoken
            .of_packet(header.payload_type)
            .ok_or(DropReason::UnknownPayloadType)?;
        let len = match &mut self.srtp {
            Some(srtp) => srtp.open_rtp(packet, header_len, &header)?,
            None => packet.len(),
        };
        let payload = rtp::payload(&packet[..len], header_len).ok_or(DropReason::Malformed)?;
        match self.latch.pass(source, header.ssrc, header.sequence, now.tick) {
            Ok(Passed::Known) => {}
            Ok(Passed::Latched(remote)) => self.events.push_back(LegEvent::Latched(remote)),
            Err(UnknownSsrc) => return Err(DropReason::UnknownSsrc),
        }
        if self.silence.hear(now.tick) {
            self.events.push_back(LegEvent::MediaResumed);
        }
        let steady_clock = match spoken.content {
            Content::Sound(_) => Some(spoken.clock_rate),
            Content::KeyPress => None,
        };
        self.heard.count(&header, payload.len(), steady_clock, now.tick);
        if !agreement.direction.receives() {
            return Err(DropReason::OnHold);
        }
        match spoken.content {
            Content::KeyPress => {
                let event = &packet[payload.clone()];
                let press = self.keys.hear(header.timestamp, event, spoken.clock_rate, now.tick);
                self.report_key(press, KeySource::Event, now.tick);
                if self.key_course == KeyCourse::Report {
                    return Err(DropReason::KeyTold);
                }
            }
            Content::Sound(Some(coding)) => {
                if let Some(mut listener) = self.tones.take() {
                    listener.hear(coding, &packet[payload.clone()], |press| {
                        self.report_key(Some(press), KeySource::Tones, now.tick);
                    });
                    self.tones = Some(listener);
                }
            }
            Content::Sound(None) => {}
        }
        Ok(Arrival {
            header,
            payload,
            content: spoken.content,
        })
    }

    fn receive_rtcp(
        &mut self,
        channel: Channel,
        packet: &mut [u8],
        source: SocketAddr,
        now: Now,
    ) -> Result<(), DropReason> {
        if !self.may_report(source) {
            return Err(DropReason::UnknownSource);
        }
        let len = match &mut self.srtp {
            Some(srtp) => srtp.open_rtcp(packet)?,
            None => packet.len(),
        };
        if !self.rtcp.read(&packet[..len], &self.sent, now) {
            return Err(DropReason::Malformed);
        }
        if channel == Channel::Rtcp {
            self.rtcp_remote = Some(source);
        }
        // A phone that is muted, or suppresses silence, is still there.
        if self.silence.hear(now.tick) {
            self.events.push_back(LegEvent::MediaResumed);
        }
        Ok(())
    }

    /// RTCP may come from any port of the host whose RTP is listened to, or from where it was announced.
    fn may_report(&self, source: SocketAddr) -> bool {
        let announced = self.agreement.as_ref().and_then(|agreement| agreement.remote_rtcp);
        let rtp = self.latch.proven().or(self.latch.destination());
        announced == Some(source) || rtp.is_some_and(|rtp| rtp.ip() == source.ip())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wigwag_sansio::{Entropy, Secret, testing::VirtualClock};
    use wigwag_sip::sdp::{Agreement, Capabilities, Codec, Direction, Format, SrtpKeys, Suite};

    use super::*;
    use crate::{leg::BUFFER, rtp::HEADER};

    const PHONE: &str = "192.0.2.1:4000";

    fn leg(suite: Option<Suite>, now: Now) -> Leg {
        let mut codecs = Capabilities::of_codecs([Codec::PCMA, Codec::OPUS]);
        // A clock that no honest phone has.
        codecs
            .telephone_events
            .push(Format::new(120, Codec::telephone_event(u32::MAX)));
        let keys = |suite: Suite| SrtpKeys {
            suite,
            send: Secret::new(vec![1; suite.key_bytes() + suite.salt_bytes()]),
            receive: Secret::new(vec![2; suite.key_bytes() + suite.salt_bytes()]),
        };
        let agreement = Agreement {
            remote_rtp: PHONE.parse().ok(),
            remote_rtcp: None,
            rtcp_mux: true,
            direction: Direction::SendRecv,
            receive: codecs.clone(),
            send: codecs,
            srtp: suite.map(keys),
        };
        let mut leg = Leg::new(
            Entropy::from_number(1),
            Duration::from_secs(1),
            Duration::from_secs(1),
            now,
        );
        leg.configure(agreement, now).expect("keys of the right length");
        let map = leg.map_from(&leg);
        leg.hear(map);
        leg
    }

    #[test]
    fn whatever_a_peer_sends_nothing_breaks() {
        let mut entropy = Entropy::from_number(99);
        let mut clock = VirtualClock::default();
        let phone: SocketAddr = PHONE.parse().expect("an address");
        for suite in [None, Some(Suite::AesCm128HmacSha1_32), Some(Suite::AeadAes256Gcm)] {
            let mut leg = leg(suite, clock.now());
            let mut buffer = [0; BUFFER];
            let mut passed = 0;
            for _ in 0..100_000 {
                let now = clock.advance(Duration::from_millis(u64::from(entropy.below(50))));
                let len = entropy.below(80) as usize;
                entropy.fill(&mut buffer[..len]);
                if let [first, second, ..] = &mut buffer[..len] {
                    *first = 0x80 | *first & 0x3f;
                    // Often something that was agreed, or a report.
                    *second = [8, 120, 0x80 | 96, 200, 201, *second][entropy.below(6) as usize];
                }
                if len >= HEADER && entropy.below(8) > 0 {
                    buffer[8..HEADER].fill(7);
                }
                let channel = if entropy.below(4) == 0 {
                    Channel::Rtcp
                } else {
                    Channel::Rtp
                };
                if let Ok(Received::Rtp(arrival)) = leg.receive(channel, &mut buffer[..len], phone, now)
                    && let Ok(transmit) = leg.forward(1, &arrival, &mut buffer, now)
                {
                    assert!(transmit.range.len() >= HEADER);
                    passed += 1;
                }
                leg.handle_timeout(now);
                while leg.poll_transmit(&mut buffer, now).is_some() {}
                while leg.poll_event().is_some() {}
            }
            let statistics = leg.statistics();
            assert_eq!(passed > 0, suite.is_none());
            assert!(statistics.received.lost < u64::from(u32::MAX));
        }
    }

    #[test]
    fn a_datagram_that_was_cut_is_dropped() {
        let now = VirtualClock::default().now();
        let mut packet = [0x80; MAX_PACKET];
        packet[1] = 8;
        let phone = PHONE.parse().expect("an address");
        let received = leg(None, now).receive(Channel::Rtp, &mut packet, phone, now);
        assert_eq!(received, Err(DropReason::Malformed));
    }
}
