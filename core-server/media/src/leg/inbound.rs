//! What a leg makes of a datagram: the order in which its parts look at it.

use std::{net::SocketAddr, ops::Range};

use wigwag_sansio::Now;

use super::{Channel, Leg, LegEvent};
use crate::{
    drops::DropReason,
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
        let steady_clock = (spoken.content == Content::Sound).then_some(spoken.clock_rate);
        self.heard.count(&header, payload.len(), steady_clock, now.tick);
        if !agreement.direction.receives() {
            return Err(DropReason::OnHold);
        }
        if spoken.content == Content::KeyPress {
            let event = &packet[payload.clone()];
            let press = self.keys.hear(header.timestamp, event, spoken.clock_rate, now.tick);
            self.report_key(press);
        }
        Ok(Arrival { header, payload })
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
