//! Whether an interval holds: ends include their minute, and a range that ends before it begins runs over midnight or
//! over the turn of the year (A34).

use jiff::civil::{Date, DateTime};
use wigwag_model::{DatedRange, Weekday, WeeklyRange, When, YearDay, YearlyRange};

use super::is_bank_holiday;

/// Whether `when` holds at `now`, a moment of the company's own clock.
pub fn holds(when: &When, now: DateTime) -> bool {
    match when {
        When::Weekly(ranges) => ranges.iter().any(|range| weekly(range, now)),
        When::Yearly(ranges) => ranges.iter().any(|range| yearly(*range, now.date())),
        When::Dated(ranges) => ranges.iter().any(|range| dated(*range, now.date())),
        When::BankHolidays(region) => is_bank_holiday(now.date(), *region),
    }
}

fn weekly(range: &WeeklyRange, now: DateTime) -> bool {
    let minute = u16::from(now.hour().unsigned_abs()) * 60 + u16::from(now.minute().unsigned_abs());
    let (from, to) = (range.from.minutes(), range.to.minutes());
    let begins = |date: Date| range.days.iter().any(|day| weekday(*day) == date.weekday());
    if from <= to {
        return begins(now.date()) && (from..=to).contains(&minute);
    }
    let yesterday = now.date().yesterday().is_ok_and(begins);
    (begins(now.date()) && minute >= from) || (yesterday && minute <= to)
}

fn yearly(range: YearlyRange, today: Date) -> bool {
    let day = |day: YearDay| (day.month(), day.day());
    let today = (today.month().unsigned_abs(), today.day().unsigned_abs());
    let (from, to) = (day(range.from), day(range.to));
    if from <= to {
        (from..=to).contains(&today)
    } else {
        today >= from || today <= to
    }
}

fn dated(range: DatedRange, today: Date) -> bool {
    (range.from..=range.to).contains(&today)
}

fn weekday(day: Weekday) -> jiff::civil::Weekday {
    use jiff::civil::Weekday as Civil;
    match day {
        Weekday::Monday => Civil::Monday,
        Weekday::Tuesday => Civil::Tuesday,
        Weekday::Wednesday => Civil::Wednesday,
        Weekday::Thursday => Civil::Thursday,
        Weekday::Friday => Civil::Friday,
        Weekday::Saturday => Civil::Saturday,
        Weekday::Sunday => Civil::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use jiff::{civil::date, tz::TimeZone};
    use wigwag_sansio::Utc;

    use super::*;
    use crate::routing::clock::local;

    fn weekly(days: &[Weekday], from: &str, to: &str) -> When {
        let time = |text: &str| text.parse().expect("a time");
        When::Weekly(vec![WeeklyRange {
            days: days.to_vec(),
            from: time(from),
            to: time(to),
        }])
    }

    #[test]
    fn an_end_includes_its_minute() {
        let office = weekly(&[Weekday::Monday], "09:00", "17:30");
        let monday = date(2026, 11, 23);
        assert!(!holds(&office, monday.at(8, 59, 59, 0)));
        assert!(holds(&office, monday.at(9, 0, 0, 0)));
        assert!(holds(&office, monday.at(17, 30, 59, 0)));
        assert!(!holds(&office, monday.at(17, 31, 0, 0)));
        assert!(!holds(&office, date(2026, 11, 24).at(9, 0, 0, 0)));
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        let friday_night = weekly(&[Weekday::Friday], "18:00", "08:00");
        assert!(holds(&friday_night, date(2026, 11, 27).at(18, 0, 0, 0)));
        assert!(holds(&friday_night, date(2026, 11, 28).at(8, 0, 30, 0)));
        assert!(!holds(&friday_night, date(2026, 11, 28).at(8, 1, 0, 0)));
        assert!(!holds(&friday_night, date(2026, 11, 27).at(7, 0, 0, 0)));
        assert!(!holds(&friday_night, date(2026, 11, 28).at(18, 0, 0, 0)));
    }

    #[test]
    fn a_range_of_days_may_cross_the_turn_of_the_year() {
        let day = |text: &str| text.parse().expect("a day");
        let christmas = When::Yearly(vec![YearlyRange {
            from: day("12-24"),
            to: day("01-02"),
        }]);
        assert!(holds(&christmas, date(2026, 12, 31).at(12, 0, 0, 0)));
        assert!(holds(&christmas, date(2027, 1, 2).at(23, 59, 0, 0)));
        assert!(!holds(&christmas, date(2027, 1, 3).at(0, 0, 0, 0)));
    }

    /// On the last Sundays of March and October the clock of the United Kingdom jumps at 01:00 UTC.
    #[test]
    fn office_hours_follow_the_clock_through_both_changes() {
        let london = TimeZone::get("Europe/London").expect("is known");
        let sunday = weekly(&[Weekday::Sunday], "01:30", "02:30");
        let at = |text: &str| {
            let moment: jiff::Timestamp = text.parse().expect("a moment");
            holds(&sunday, local(Utc::from_millis(moment.as_millisecond()), &london))
        };
        // 29 March 2026: from 01:00 to 02:00 there is nothing between.
        assert!(!at("2026-03-29T00:59:59Z"));
        assert!(at("2026-03-29T01:00:00Z"), "it is 02:00 at once");
        assert!(!at("2026-03-29T01:31:00Z"));
        // 25 October 2026: half past one comes twice.
        assert!(at("2026-10-25T00:30:00Z"));
        assert!(!at("2026-10-25T01:00:00Z"), "it is 01:00 again");
        assert!(at("2026-10-25T01:30:00Z"));
        assert!(!at("2026-10-25T02:31:00Z"));
    }
}
