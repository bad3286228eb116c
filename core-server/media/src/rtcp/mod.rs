//! RTCP of one leg, which ends here: we report to the phone and read what it reports to us (RFC 3550 §6).

mod parse;
mod session;
mod write;

pub(crate) use session::{Farewell, RtcpSession};

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;

/// A report block (RFC 3550 §6.4.1): what one side received of the other's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ReportBlock {
    ssrc: u32,
    fraction_lost: u8,
    lost: i32,
    highest_sequence: u32,
    jitter: u32,
    last_report: u32,
    delay_since_last_report: u32,
}

/// Bytes of a report block.
const BLOCK: usize = 24;

/// What a sender says of itself (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SenderInfo {
    ntp: u64,
    rtp_timestamp: u32,
    packets: u32,
    payload_bytes: u32,
}
