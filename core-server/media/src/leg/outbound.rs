//! Packets that a leg sends: what others said, sounds, reports.

use std::{net::SocketAddr, ops::Range};

use wigwag_sansio::Now;

use super::{Arrival, Channel, Leg, LegEvent};
use crate::{
    codec::Coding,
    drops::DropReason,
    rtcp::Farewell,
    rtp::{HEADER, Header},
    sound::{Frame, FrameContent},
    stream::SpeakerId,
};

/// A packet to send, in the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transmit {
    pub(crate) channel: Channel,
    pub(crate) range: Range<usize>,
    pub(crate) to: SocketAddr,
}

impl Leg {
    /// Makes what another leg received a packet of this leg's stream, in place: the header moves up to the payload,
    /// and what the two sides did not agree on (contributing sources, header extensions, padding) stays behind.
    pub(crate) fn forward(
        &mut self,
        speaker: u64,
        arrival: &Arrival,
        buffer: &mut [u8],
        now: Now,
    ) -> Result<Transmit, DropReason> {
        if self.player.is_some() {
            return Err(DropReason::NoListener);
        }
        let mapping = self.map.of(arrival.header.payload_type).ok_or(DropReason::NoMapping)?;
        let to = self.may_send_to().ok_or(DropReason::OnHold)?;
        let speaker = SpeakerId::Leg {
            number: speaker,
            ssrc: arrival.header.ssrc,
        };
        let header = self
            .sent
            .next(speaker, &arrival.header, mapping.to, mapping.clock_rate, now.tick);
        let start = arrival.payload.start - HEADER;
        let end = start + self.seal(&header, &mut buffer[start..], arrival.payload.len())?;
        Ok(Transmit {
            channel: Channel::Rtp,
            range: start..end,
            to,
        })
    }

    /// The next packet that is due by time. `None` until a later call of [`handle_timeout`](Self::handle_timeout).
    pub(crate) fn poll_transmit(&mut self, buffer: &mut [u8], now: Now) -> Option<Transmit> {
        if self.rtcp.is_due(now.tick)
            && let Some(report) = self.report(Farewell::No, buffer, now)
        {
            return Some(report);
        }
        self.poll_player(buffer, now)
    }

    fn poll_player(&mut self, buffer: &mut [u8], now: Now) -> Option<Transmit> {
        let player = self.player.as_mut()?;
        let agreement = self.agreement.as_ref()?;
        let frame = player.poll(agreement, &mut buffer[HEADER..], now.tick);
        if player.is_over() {
            let programme = player.number();
            self.events.push_back(LegEvent::Played { programme });
            self.player = None;
        }
        self.send_own(frame?, buffer, now)
    }

    /// Makes a frame of ours, whose payload stands behind where its header goes, a packet of this leg's stream.
    pub(crate) fn send_own(&mut self, frame: Frame, buffer: &mut [u8], now: Now) -> Option<Transmit> {
        let to = self.may_send_to()?;
        let mut header = self
            .sent
            .next_own(frame.payload_type, frame.clock_rate, frame.duration, now.tick);
        match frame.content {
            FrameContent::Sound => {}
            FrameContent::KeyBegins => {
                self.key_began_at = header.timestamp;
                header.marker = true;
            }
            FrameContent::KeyGoesOn => header.timestamp = self.key_began_at,
        }
        let len = self.seal(&header, buffer, frame.payload_bytes).ok()?;
        Some(Transmit {
            channel: Channel::Rtp,
            range: 0..len,
            to,
        })
    }

    /// What the leg is spoken to in, if anything may be said to it now and no programme is played to it.
    pub(crate) fn listens_in(&self) -> Option<(Coding, u8)> {
        let agreement = self.agreement.as_ref().filter(|_| self.player.is_none())?;
        self.may_send_to()?;
        let (coding, format) = Coding::spoken_to(agreement)?;
        Some((coding, format.payload_type))
    }

    /// The last report, with goodbye, of a leg that said anything.
    pub(crate) fn goodbye(&mut self, buffer: &mut [u8], now: Now) -> Option<Transmit> {
        let spoke = self.sent.statistics().packets > 0;
        spoke.then(|| self.report(Farewell::Yes, buffer, now)).flatten()
    }

    /// Writes the header in front of the payload, encrypts the packet and counts it; answers its length.
    fn seal(&mut self, header: &Header, buffer: &mut [u8], payload_bytes: usize) -> Result<usize, DropReason> {
        header.write(
            buffer
                .first_chunk_mut()
                .expect("a payload has room for its header before it"),
        );
        let plain = HEADER + payload_bytes;
        let len = match &mut self.srtp {
            Some(srtp) => srtp.seal_rtp(buffer, HEADER, plain, header)?,
            None => plain,
        };
        self.sent.count(payload_bytes);
        Ok(len)
    }

    fn report(&mut self, farewell: Farewell, buffer: &mut [u8], now: Now) -> Option<Transmit> {
        let agreement = self.agreement.as_ref()?;
        let to = if agreement.rtcp_mux {
            self.latch.destination()
        } else {
            self.rtcp_remote.or(agreement.remote_rtcp)
        };
        let to = to.filter(|to| !to.ip().is_unspecified() && to.port() != 0)?;
        let plain = self.rtcp.write(&mut self.sent, &mut self.heard, farewell, buffer, now);
        let len = match &mut self.srtp {
            Some(srtp) => srtp.seal_rtcp(buffer, plain, self.sent.ssrc())?,
            None => plain,
        };
        Some(Transmit {
            channel: Channel::Rtcp,
            range: 0..len,
            to,
        })
    }

    fn may_send_to(&self) -> Option<SocketAddr> {
        let agreement = self.agreement.as_ref()?;
        agreement.direction.sends().then(|| self.latch.destination()).flatten()
    }
}
