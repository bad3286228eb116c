//! The RTP header (RFC 3550 §5.1), and telling RTP from RTCP on one port (RFC 5761 §4).

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Bytes of an RTP header without contributing sources and extension.
pub(crate) const HEADER: usize = 12;

/// What a datagram on a media port is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rtp,
    Rtcp,
    /// STUN, DTLS, keep-alives, noise.
    Other,
}

impl Kind {
    pub(crate) fn of(datagram: &[u8]) -> Kind {
        match datagram {
            [first, second, _, _, ..] if first >> 6 == 2 => match second {
                192..=223 => Kind::Rtcp,
                0..=191 | 224..=255 => Kind::Rtp,
            },
            [] | [_, ..] => Kind::Other,
        }
    }
}

/// The fields of one RTP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) payload_type: u8,
    pub(crate) marker: bool,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

impl Header {
    /// Reads the header; answers it with its length, contributing sources and extension included.
    pub(crate) fn parse(packet: &[u8]) -> Option<(Header, usize)> {
        let fixed: &[u8; HEADER] = packet.first_chunk()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let header = Header {
            payload_type: fixed[1] & 0x7f,
            marker: fixed[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
        };
        let mut len = HEADER + 4 * usize::from(fixed[0] & 0x0f);
        if fixed[0] & 0x10 != 0 {
            let words = packet.get(len + 2..len + 4)?;
            len += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
        }
        (len <= packet.len()).then_some((header, len))
    }

    /// Writes a header without contributing sources, extension and padding.
    pub(crate) fn write(&self, into: &mut [u8; HEADER]) {
        into[0] = 0x80;
        into[1] = self.payload_type | u8::from(self.marker) << 7;
        into[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        into[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        into[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }
}

/// Where the payload of a decrypted packet lies, without its padding.
pub(crate) fn payload(packet: &[u8], header_len: usize) -> Option<Range<usize>> {
    let mut end = packet.len();
    if packet.first()? & 0x20 != 0 {
        let padding = usize::from(*packet.last()?);
        end = end
            .checked_sub(padding)
            .filter(|end| padding > 0 && *end >= header_len)?;
    }
    Some(header_len..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER_FIELDS: Header = Header {
        payload_type: 8,
        marker: true,
        sequence: 0x1234,
        timestamp: 0x5678_9abc,
        ssrc: 0xdef0_1234,
    };

    fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut fixed = [0; HEADER];
        HEADER_FIELDS.write(&mut fixed);
        fixed[0] = first;
        [&fixed[..], rest].concat()
    }

    #[test]
    fn a_header_survives_writing() {
        assert_eq!(Header::parse(&packet(0x80, b"x")), Some((HEADER_FIELDS, 12)));
    }

    #[test]
    fn sources_extension_and_padding_are_stepped_over() {
        let whole = packet(0xb1, &[0, 0, 0, 1, 0xbe, 0xde, 0, 1, 9, 9, 9, 9, b'p', b'q', 0, 2]);
        let len = Header::parse(&whole).map(|(_, len)| len);
        assert_eq!(len, Some(24));
        assert_eq!(payload(&whole, 24), Some(24..26));
    }

    #[test]
    fn what_points_outside_the_packet_is_refused() {
        assert_eq!(Header::parse(&packet(0x81, &[0, 0])), None);
        assert_eq!(Header::parse(&packet(0x90, &[0, 0, 0])), None);
        assert_eq!(Header::parse(&packet(0x90, &[0, 0, 0xff, 0xff])), None);
        assert_eq!(Header::parse(&packet(0x40, &[])), None);
        assert_eq!(Header::parse(&[0x80; 11]), None);
        assert_eq!(payload(&packet(0xa0, &[7]), 12), None);
        assert_eq!(payload(&packet(0xa0, &[0]), 12), None);
    }

    #[test]
    fn rtcp_is_told_from_rtp_with_a_marker() {
        assert_eq!(Kind::of(&[0x80, 200, 0, 6]), Kind::Rtcp);
        assert_eq!(Kind::of(&[0x80, 0x80 | 8, 0, 6]), Kind::Rtp);
        assert_eq!(Kind::of(&[0x80, 0x80 | 111, 0, 6]), Kind::Rtp);
        assert_eq!(Kind::of(&[0, 1, 0, 0]), Kind::Other);
        assert_eq!(Kind::of(b"\r\n"), Kind::Other);
    }
}
