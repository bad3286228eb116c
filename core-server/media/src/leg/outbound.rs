//! Packets that a leg sends: what others said, sounds, reports.

use std::{net::SocketAddr, ops::Range};

use wigwag_sansio::Now;

use super::{Arrival, Channel, Leg};
use crate::{
    drops::DropReason,
    rtcp::Farewell,
    rtp::{HEADER, Header},
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
        if self.sound.is_some() {
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
        let player = self.sound.as_mut()?;
        let agreement = self.agreement.as_ref()?;
        let frame = player.poll(agreement, &mut buffer[HEADER..], now.tick)?;
        let to = self.may_send_to()?;
        let spoken = Header {
            payload_type: frame.payload_type,
            marker: false,
            sequence: frame.sequence,
            timestamp: frame.timestamp,
            ssrc: 0,
        };
        let header = self.sent.next(
            SpeakerId::Sound,
            &spoken,
            frame.payload_type,
            frame.clock_rate,
            now.tick,
        );
        let len = self.seal(&header, buffer, frame.payload_bytes).ok()?;
        Some(Transmit {
            channel: Channel::Rtp,
            range: 0..len,
            to,
        })
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
