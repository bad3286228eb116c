//! The two directions of RTP on one leg: what arrives is measured, what is sent is one continuous stream.

mod receive;
mod send;

pub(crate) use receive::ReceiveStream;
pub(crate) use send::{SendStream, SpeakerId};

/// `tick` in units of an RTP clock; only differences have a meaning.
pub(crate) fn in_clock_units(tick: wigwag_sansio::Tick, clock_rate: u32) -> u32 {
    let (seconds, micros) = (tick.as_micros() / 1_000_000, tick.as_micros() % 1_000_000);
    let rate = u64::from(clock_rate);
    let units = seconds.wrapping_mul(rate).wrapping_add(micros * rate / 1_000_000);
    // RTP timestamps wrap at 2³².
    units as u32
}
