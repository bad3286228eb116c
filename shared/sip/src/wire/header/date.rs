//! Date: when a message was sent (RFC 3261 §20.17), always in GMT.

use std::fmt;

use serde::{Deserialize, Serialize};
use wigwag_sansio::Utc;

use super::{Header, Multiplicity};
use crate::wire::{
    error::Malformed,
    lex::{Cursor, number},
    name::HeaderName,
};

/// When a message was sent, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Date(Utc);

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

impl Date {
    /// The header for this moment, cut off to the second.
    pub fn new(utc: Utc) -> Self {
        Date(Utc::from_millis(utc.as_secs().saturating_mul(1000)))
    }

    /// The moment.
    pub fn utc(self) -> Utc {
        self.0
    }
}

impl Header for Date {
    const NAME: HeaderName = HeaderName::Date;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let weekday = cursor.token()?;
        if !WEEKDAYS.iter().any(|known| known.eq_ignore_ascii_case(weekday)) {
            return Err(Malformed::Syntax);
        }
        cursor.expect(b',')?;
        let day: i64 = digits(&mut cursor)?;
        cursor.skip_lws();
        let name = cursor.token()?;
        let month = MONTHS
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name))
            .ok_or(Malformed::Syntax)?;
        cursor.skip_lws();
        let year = digits(&mut cursor)?;
        cursor.skip_lws();
        let hour = digits(&mut cursor)?;
        cursor.expect(b':')?;
        let minute = digits(&mut cursor)?;
        cursor.expect(b':')?;
        let second = digits(&mut cursor)?;
        cursor.skip_lws();
        if !cursor.token()?.eq_ignore_ascii_case("GMT") {
            return Err(Malformed::Syntax);
        }
        cursor.end()?;
        if !(1..=31).contains(&day) || !(1900..=9999).contains(&year) || hour > 23 || minute > 59 || second > 60 {
            return Err(Malformed::Number);
        }
        let days = days_from_civil(year, month as i64 + 1, day);
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
        Ok(Date(Utc::from_millis(seconds * 1000)))
    }
}

fn digits(cursor: &mut Cursor<'_>) -> Result<i64, Malformed> {
    number(cursor.take_while(|b| b.is_ascii_digit()))
}

/// (year, month, day) to days since the Unix epoch, proleptic Gregorian.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `2026-11-22T20:47:42.000Z`, in other words.
        let rfc3339 = self.0.to_string();
        let mut fields = rfc3339.split(['-', 'T', '.']);
        let (year, month, day, time) = (fields.next(), fields.next(), fields.next(), fields.next());
        let month: usize = month.and_then(|month| month.parse().ok()).unwrap_or(1);
        let weekday = self.0.as_secs().div_euclid(86_400).rem_euclid(7);
        write!(
            f,
            "{}, {} {} {} {} GMT",
            WEEKDAYS[usize::try_from(weekday).unwrap_or_default()],
            day.unwrap_or_default(),
            MONTHS[(month - 1) % 12],
            year.unwrap_or_default(),
            time.unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn only_gmt_is_understood() {
        let date = reads_as::<Date>("Sat, 13 Nov 2010 23:29:00 GMT", "Sat, 13 Nov 2010 23:29:00 GMT");
        assert_eq!(date.utc().to_string(), "2010-11-13T23:29:00.000Z");
        reads_as::<Date>("Thu, 29 Feb 2024 00:00:00 GMT", "Thu, 29 Feb 2024 00:00:00 GMT");
        refuses::<Date>(&[
            "Fri, 01 Jan 2010 16:00:00 EST",
            "Fri, 32 Jan 2010 16:00:00 GMT",
            "2010-01-01",
            "",
        ]);
    }

    #[test]
    fn every_day_of_four_centuries_prints_and_reads() {
        for day in (-25_000..120_000).step_by(97) {
            let date = Date::new(Utc::from_millis(day * 86_400_000 + 3_723_000));
            assert_eq!(Date::parse(date.to_string().as_bytes()), Ok(date));
        }
    }
}
