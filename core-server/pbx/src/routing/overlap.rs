//! Intervals that hold at the same time, of which only the first decides (A37).

use jiff::{
    ToSpan,
    civil::{Date, Time},
    tz::TimeZone,
};
use wigwag_model::When;
use wigwag_sansio::Utc;

use super::{holds, local};

/// Days that are looked at: every day of a year and more, so that Easter has come once.
const DAYS: i32 = 400;
/// Looks at an interval altogether, so that no list of rules takes long; overlaps beyond are not told.
const LOOKS: u32 = 200_000;

/// The pairs of `intervals` that hold at the same time on some day from `at` on, each by its place in the list.
pub fn overlapping(intervals: &[&When], at: Utc) -> Vec<(usize, usize)> {
    let from = local(at, &TimeZone::UTC).date();
    let mut looks = LOOKS;
    let mut pairs = Vec::new();
    for (index, first) in intervals.iter().enumerate() {
        for (behind, second) in intervals.iter().enumerate().skip(index + 1) {
            if overlap(first, second, from, &mut looks) {
                pairs.push((index, behind));
            }
        }
    }
    pairs
}

/// Two intervals that overlap do so where one of them begins, or at the beginning of a day.
fn overlap(first: &When, second: &When, from: Date, looks: &mut u32) -> bool {
    let both_weekly = matches!((first, second), (When::Weekly(_), When::Weekly(_)));
    let days = if both_weekly { 8 } else { DAYS };
    let mut times = vec![Time::midnight()];
    times.extend([first, second].into_iter().flat_map(beginnings));
    times.sort_unstable();
    times.dedup();
    (0..days).any(|day| {
        let Ok(date) = from.checked_add(day.days()) else {
            return false;
        };
        times.iter().any(|time| {
            let Some(left) = looks.checked_sub(1) else { return false };
            *looks = left;
            let moment = date.to_datetime(*time);
            holds(first, moment) && holds(second, moment)
        })
    })
}

fn beginnings(when: &When) -> Vec<Time> {
    match when {
        When::Weekly(ranges) => ranges.iter().filter_map(|range| time(range.from.minutes())).collect(),
        When::Yearly(_) | When::Dated(_) | When::BankHolidays(_) => Vec::new(),
    }
}

fn time(minutes: u16) -> Option<Time> {
    let (hour, minute) = (i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?);
    Time::new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(json: &str) -> When {
        serde_json::from_str(json).expect("an interval")
    }

    fn pairs(intervals: &[When]) -> Vec<(usize, usize)> {
        let intervals: Vec<_> = intervals.iter().collect();
        overlapping(&intervals, Utc::from_millis(1_767_225_600_000))
    }

    #[test]
    fn ranges_of_the_week_overlap_also_over_midnight() {
        let weekly = |days: &str, from: &str, to: &str| {
            when(&format!(
                r#"{{"kind": "weekly", "ranges": [{{"days": ["{days}"], "from": "{from}", "to": "{to}"}}]}}"#
            ))
        };
        let day = weekly("monday", "09:00", "17:00");
        let night = weekly("sunday", "18:00", "09:00");
        let evening = weekly("monday", "17:01", "18:00");
        assert_eq!(pairs(&[day, night, evening]), [(0, 1)]);
    }

    #[test]
    fn days_overlap_with_the_weekday_that_they_fall_on() {
        let christmas = when(r#"{"kind": "yearly", "ranges": [{"from": "12-24", "to": "12-26"}]}"#);
        let holidays = when(r#"{"kind": "bank_holidays", "ranges": "scotland"}"#);
        let party = when(r#"{"kind": "dated", "ranges": [{"from": "2026-07-04", "to": "2026-07-04"}]}"#);
        let saturdays =
            when(r#"{"kind": "weekly", "ranges": [{"days": ["saturday"], "from": "10:00", "to": "11:00"}]}"#);
        assert_eq!(
            pairs(&[christmas, holidays, party, saturdays]),
            [(0, 1), (0, 3), (2, 3)]
        );
    }
}
