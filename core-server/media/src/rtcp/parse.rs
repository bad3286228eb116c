//! Reading compound packets (RFC 3550 §6.1), single ones too (RFC 5506).

use super::{BLOCK, RECEIVER_REPORT, ReportBlock, SENDER_REPORT, SenderInfo};

/// A packet of a compound, as far as we care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    SenderReport {
        info: SenderInfo,
        blocks: Blocks<'a>,
    },
    ReceiverReport {
        blocks: Blocks<'a>,
    },
    /// Source descriptions, goodbyes, feedback, extended reports.
    Other,
}

/// The whole blocks of one report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blocks<'a>(&'a [u8]);

/// The packets of a datagram; `None` stands for a broken rest, after which nothing follows.
pub(super) fn packets(mut rest: &[u8]) -> impl Iterator<Item = Option<Packet<'_>>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let split = split(rest);
        rest = split.map_or(&[], |(_, _, after)| after);
        Some(split.and_then(|(head, body, _)| packet(head, body)))
    })
}

impl Blocks<'_> {
    pub(super) fn iter(&self) -> impl Iterator<Item = ReportBlock> {
        self.0.as_chunks::<BLOCK>().0.iter().map(block)
    }
}

/// The first four bytes, the rest of the packet without padding, and what follows it.
fn split(datagram: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let head: [u8; 4] = *datagram.first_chunk()?;
    let len = 4 * (1 + usize::from(u16::from_be_bytes([head[2], head[3]])));
    if head[0] >> 6 != 2 || len > datagram.len() {
        return None;
    }
    let (packet, after) = datagram.split_at(len);
    let padding = if head[0] & 0x20 == 0 {
        0
    } else {
        usize::from(packet[len - 1])
    };
    Some((head, packet.get(4..len.checked_sub(padding)?)?, after))
}

fn packet(head: [u8; 4], body: &[u8]) -> Option<Packet<'_>> {
    let blocks = |from: usize| {
        let end = from + BLOCK * usize::from(head[0] & 0x1f);
        body.get(from..end).map(Blocks)
    };
    match head[1] {
        SENDER_REPORT => Some(Packet::SenderReport {
            info: SenderInfo {
                ntp: u64::from(word(body, 4)?) << 32 | u64::from(word(body, 8)?),
                rtp_timestamp: word(body, 12)?,
                packets: word(body, 16)?,
                payload_bytes: word(body, 20)?,
            },
            blocks: blocks(24)?,
        }),
        RECEIVER_REPORT => {
            word(body, 0)?;
            Some(Packet::ReceiverReport { blocks: blocks(4)? })
        }
        0..=199 | 202..=255 => Some(Packet::Other),
    }
}

fn block(bytes: &[u8; BLOCK]) -> ReportBlock {
    let word = |from| word(bytes, from).unwrap_or_default();
    let lost = word(4);
    ReportBlock {
        ssrc: word(0),
        fraction_lost: bytes[4],
        // 24 bits with a sign.
        lost: (lost << 8).cast_signed() >> 8,
        highest_sequence: word(8),
        jitter: word(12),
        last_report: word(16),
        delay_since_last_report: word(20),
    }
}

fn word(bytes: &[u8], from: usize) -> Option<u32> {
    bytes.get(from..)?.first_chunk().map(|word| u32::from_be_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(datagram: &[u8]) -> Vec<Option<Packet<'_>>> {
        packets(datagram).collect()
    }

    #[test]
    fn lengths_that_lie_end_the_reading() {
        assert_eq!(all(&[0x80, 201, 0, 1, 0, 0, 0, 9]).len(), 1);
        assert_eq!(all(&[0x80, 201, 0, 2, 0, 0, 0, 9]), [None]);
        assert_eq!(all(&[0x81, 201, 0, 1, 0, 0, 0, 9]), [None]);
        assert_eq!(all(&[0x80, 200, 0, 1, 0, 0, 0, 9]), [None]);
        assert_eq!(all(&[0x80, 201, 0, 0]), [None]);
        assert_eq!(all(&[0xa0, 204, 0, 1, 0, 0, 0, 9]), [None]);
        assert_eq!(all(&[0xa0, 204, 0, 1, 0, 0, 0, 4]), [Some(Packet::Other)]);
        assert_eq!(all(&[0x80, 207, 0, 0, 0x80]), [Some(Packet::Other), None]);
        assert_eq!(all(&[]), []);
    }

    #[test]
    fn a_negative_loss_is_read_as_one() {
        let mut bytes = [0; BLOCK];
        bytes[4..8].copy_from_slice(&[128, 0xff, 0xff, 0xfe]);
        let block = block(&bytes);
        assert_eq!((block.fraction_lost, block.lost), (128, -2));
    }
}
