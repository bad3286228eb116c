//! What a stranger's bytes go through on a port for sound, each step by itself: for the fuzz targets, which know no leg.

use std::ops::Range;

use wigwag_sansio::{Entropy, Now, Tick};
use wigwag_sip::sdp::SrtpKeys;

use crate::{
    DtmfDigit,
    dtmf::DtmfDecoder,
    rtcp::RtcpSession,
    rtp::{self, Header},
    srtp::SrtpSession,
    stream::SendStream,
};

/// More than any suite adds to a packet.
const TAG: usize = 32;

/// Where the payload of an RTP packet lies (RFC 3550 §5.1); nothing for what is no such packet.
pub fn payload_of(packet: &[u8]) -> Option<Range<usize>> {
    let (_, header_bytes) = Header::parse(packet)?;
    rtp::payload(packet, header_bytes)
}

/// Reads a compound of RTCP (RFC 3550 §6) as a leg does; whether it was one.
pub fn reads_reports(compound: &[u8], now: Now) -> bool {
    let mut entropy = Entropy::from_number(1);
    let sent = SendStream::new(&mut entropy);
    RtcpSession::new(entropy, now).read(compound, &sent, now)
}

/// The keys that are pressed by payloads of telephone events (RFC 4733 §2), each with its timestamp and arrival.
pub fn key_presses<'a>(packets: impl Iterator<Item = (u32, &'a [u8], Tick)>) -> Vec<DtmfDigit> {
    let mut decoder = DtmfDecoder::default();
    let mut pressed = Vec::new();
    for (timestamp, payload, now) in packets {
        pressed.extend(decoder.handle_timeout(now));
        pressed.extend(decoder.hear(timestamp, payload, 8_000, now));
    }
    pressed.into_iter().map(|press| press.digit).collect()
}

/// One end of a leg with SRTP (RFC 3711).
#[derive(Debug)]
pub struct SrtpEnd(SrtpSession);

impl SrtpEnd {
    /// Nothing when a key has not its suite's length.
    pub fn new(keys: SrtpKeys) -> Option<SrtpEnd> {
        SrtpSession::new(keys).ok().map(SrtpEnd)
    }

    /// Encrypts an RTP packet; nothing for what is none, or has its sequence number for the second time.
    pub fn seal(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let (header, header_bytes) = Header::parse(packet)?;
        let mut buffer = [packet, &[0; TAG]].concat();
        let length = self.0.seal_rtp(&mut buffer, header_bytes, packet.len(), &header).ok()?;
        buffer.truncate(length);
        Some(buffer)
    }

    /// Decrypts an RTP packet; nothing for what is not authentic.
    pub fn open(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let (header, header_bytes) = Header::parse(packet)?;
        let mut buffer = packet.to_vec();
        let length = self.0.open_rtp(&mut buffer, header_bytes, &header).ok()?;
        buffer.truncate(length);
        Some(buffer)
    }

    /// Decrypts a compound of RTCP; nothing for what is not authentic.
    pub fn open_reports(&mut self, compound: &[u8]) -> Option<Vec<u8>> {
        let mut buffer = compound.to_vec();
        let length = self.0.open_rtcp(&mut buffer).ok()?;
        buffer.truncate(length);
        Some(buffer)
    }
}
