//! The company's own clock: whether a time interval holds at a moment (A34–A36).

mod holidays;
mod interval;

pub use holidays::is_bank_holiday;
pub use interval::holds;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use wigwag_sansio::Utc;

/// What a clock in `zone` shows at `at`.
pub fn local(at: Utc, zone: &TimeZone) -> DateTime {
    let moment = Timestamp::from_millisecond(at.as_millis()).unwrap_or(Timestamp::UNIX_EPOCH);
    zone.to_datetime(moment)
}
