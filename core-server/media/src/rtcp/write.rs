//! Writing compound packets: a report, who we are, and at the end goodbye (RFC 3550 §6.1, §6.5, §6.6).

use super::{GOODBYE, RECEIVER_REPORT, ReportBlock, SENDER_REPORT, SOURCE_DESCRIPTION, SenderInfo};

/// One compound packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compound<'a> {
    pub(super) ssrc: u32,
    /// Present when we sent something since the report before.
    pub(super) sender: Option<SenderInfo>,
    pub(super) block: Option<ReportBlock>,
    pub(super) cname: &'a str,
    pub(super) goodbye: bool,
}

impl Compound<'_> {
    /// Writes the packet; answers its length. `buffer` has room for 128 bytes.
    pub(super) fn write(&self, buffer: &mut [u8]) -> usize {
        let mut out = Writer { buffer, len: 0 };
        out.packet(
            if self.sender.is_some() {
                SENDER_REPORT
            } else {
                RECEIVER_REPORT
            },
            u8::from(self.block.is_some()),
            |out| {
                out.word(self.ssrc);
                if let Some(sender) = &self.sender {
                    out.word((sender.ntp >> 32) as u32);
                    out.word(sender.ntp as u32);
                    out.word(sender.rtp_timestamp);
                    out.word(sender.packets);
                    out.word(sender.payload_bytes);
                }
                if let Some(block) = &self.block {
                    out.block(block);
                }
            },
        );
        out.packet(SOURCE_DESCRIPTION, 1, |out| {
            out.word(self.ssrc);
            out.bytes(&[1, self.cname.len() as u8]);
            out.bytes(self.cname.as_bytes());
            // The list of items ends with at least one zero byte.
            out.bytes(&[0]);
        });
        if self.goodbye {
            out.packet(GOODBYE, 1, |out| out.word(self.ssrc));
        }
        out.len
    }
}

struct Writer<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl Writer<'_> {
    fn packet(&mut self, kind: u8, count: u8, body: impl FnOnce(&mut Self)) {
        let start = self.len;
        self.bytes(&[0x80 | count, kind, 0, 0]);
        body(self);
        while !(self.len - start).is_multiple_of(4) {
            self.bytes(&[0]);
        }
        let words = ((self.len - start) / 4 - 1) as u16;
        self.buffer[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
    }

    fn block(&mut self, block: &ReportBlock) {
        self.word(block.ssrc);
        self.word(u32::from(block.fraction_lost) << 24 | block.lost.cast_unsigned() & 0x00ff_ffff);
        self.word(block.highest_sequence);
        self.word(block.jitter);
        self.word(block.last_report);
        self.word(block.delay_since_last_report);
    }

    fn word(&mut self, word: u32) {
        self.bytes(&word.to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.buffer[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::parse::{Packet, packets};

    const BLOCK: ReportBlock = ReportBlock {
        ssrc: 0x0102_0304,
        fraction_lost: 77,
        lost: -5,
        highest_sequence: 0x0001_ffff,
        jitter: 42,
        last_report: 0xaabb_ccdd,
        delay_since_last_report: 65_536,
    };

    #[test]
    fn what_is_written_is_read_the_same() {
        let sender = SenderInfo {
            ntp: 0x0123_4567_89ab_cdef,
            rtp_timestamp: 160,
            packets: 3,
            payload_bytes: 480,
        };
        let compound = Compound {
            ssrc: 9,
            sender: Some(sender),
            block: Some(BLOCK),
            cname: "abcdefghijklmnop",
            goodbye: true,
        };
        let mut buffer = [0xff; 128];
        let len = compound.write(&mut buffer);
        let read: Vec<_> = packets(&buffer[..len]).flatten().collect();
        let [Packet::SenderReport { info, blocks }, Packet::Other, Packet::Other] = read[..] else {
            panic!("{read:?}");
        };
        assert_eq!((info, blocks.iter().collect::<Vec<_>>()), (sender, vec![BLOCK]));
        assert_eq!(buffer[len - 8..len], [0x81, 203, 0, 1, 0, 0, 0, 9]);
    }

    #[test]
    fn an_empty_receiver_report_is_eight_bytes_before_the_name() {
        let compound = Compound {
            ssrc: 9,
            sender: None,
            block: None,
            cname: "ab",
            goodbye: false,
        };
        let mut buffer = [0xff; 128];
        let len = compound.write(&mut buffer);
        let expected = [
            0x80, 201, 0, 1, 0, 0, 0, 9, 0x81, 202, 0, 3, 0, 0, 0, 9, 1, 2, b'a', b'b', 0, 0, 0, 0,
        ];
        assert_eq!(buffer[..len], expected);
    }
}
