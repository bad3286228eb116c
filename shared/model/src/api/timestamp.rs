//! A moment as the API writes it: RFC 3339 in UTC with milliseconds.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wigwag_sansio::Utc;

/// A moment, written as `2026-11-22T20:47:42.000Z`; any offset and up to nine decimals are read (RFC 3339 §5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(pub Utc);

/// A text that is not a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a time like 2026-11-22T20:47:42Z")]
pub struct TimestampError;

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        parse(text.as_bytes())
            .map(|millis| Timestamp(Utc::from_millis(millis)))
            .ok_or(TimestampError)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Utc> for Timestamp {
    fn from(utc: Utc) -> Self {
        Timestamp(utc)
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, TimestampError> {
        text.parse()
    }
}

impl From<Timestamp> for Utc {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> String {
        timestamp.to_string()
    }
}

/// Milliseconds since the epoch; a leap second counts as the second after it.
fn parse(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (separator, rest) = rest.split_first()?;
    let (time, rest) = rest.split_at_checked(8)?;
    if date[4] != b'-' || date[7] != b'-' || !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    if time[2] != b':' || time[5] != b':' {
        return None;
    }
    let (year, month, day) = (number(&date[..4])?, number(&date[5..7])?, number(&date[8..])?);
    let (hour, minute, second) = (number(&time[..2])?, number(&time[3..5])?, number(&time[6..])?);
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (millis, zone) = decimals(rest)?;
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset_s(zone)?;
    Some(seconds * 1000 + millis)
}

/// The optional decimals, cut to milliseconds, and what follows them.
fn decimals(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(text) = text.strip_prefix(b".") else {
        return Some((0, text));
    };
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&count) {
        return None;
    }
    let (digits, zone) = text.split_at(count);
    let millis = (0..3).fold(0, |millis, at| {
        millis * 10 + digits.get(at).map_or(0, |digit| i64::from(digit - b'0'))
    });
    Some((millis, zone))
}

fn offset_s(zone: &[u8]) -> Option<i64> {
    if matches!(zone, b"Z" | b"z") {
        return Some(0);
    }
    let (sign, offset) = zone.split_first()?;
    if offset.len() != 5 || offset[2] != b':' {
        return None;
    }
    let (hours, minutes) = (number(&offset[..2])?, number(&offset[3..])?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3_600 + minutes * 60;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since the Unix epoch, proleptic Gregorian.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<i64> {
        text.parse::<Timestamp>().ok().map(|timestamp| timestamp.0.as_millis())
    }

    #[test]
    fn what_is_written_is_read_back() {
        for millis in [0, -1, 951_782_400_000, 1_709_164_800_123, 4_102_444_799_999] {
            let timestamp = Timestamp(Utc::from_millis(millis));
            assert_eq!(timestamp.to_string().parse(), Ok(timestamp));
        }
    }

    #[test]
    fn offsets_and_decimals_are_understood() {
        assert_eq!(read("1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(read("1969-12-31T23:30:00.5-00:30"), Some(500));
        assert_eq!(read("1970-01-01t00:00:00.123456789z"), Some(123));
        assert_eq!(read("2016-12-31T23:59:60Z"), read("2017-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let texts = [
            "",
            "2026",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+0100",
            "2026-01-01T00:00:00+24:00",
            "2026-01-0१T00:00:00Z",
            "٢٠٢٦-01-01T00:00:00Z",
        ];
        for text in texts {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
