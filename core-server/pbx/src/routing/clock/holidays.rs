//! Bank holidays of the United Kingdom by rule: those that move with Easter, and those that give a substitute day when
//! they fall on a weekend (A36). What is proclaimed for one year alone is added as a dated interval.

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};
use wigwag_model::Region;

/// Whether `day` is a bank holiday in `region`.
pub fn is_bank_holiday(day: Date, region: Region) -> bool {
    let year = day.year();
    fixed(year, region).contains(&Some(day)) || moving(year, region).contains(&Some(day))
}

/// Holidays that always fall on the same kind of weekday.
fn moving(year: i16, region: Region) -> [Option<Date>; 5] {
    let easter = easter_sunday(year);
    let easter_monday = match region {
        Region::EnglandAndWales | Region::NorthernIreland => easter.checked_add(1.day()).ok(),
        Region::Scotland => None,
    };
    let summer = match region {
        Region::EnglandAndWales | Region::NorthernIreland => nth_monday(year, 8, -1),
        Region::Scotland => nth_monday(year, 8, 1),
    };
    let good_friday = easter.checked_sub(2.days()).ok();
    [
        good_friday,
        easter_monday,
        nth_monday(year, 5, 1),
        nth_monday(year, 5, -1),
        summer,
    ]
}

/// Holidays on a date, moved to the next working day when that is a weekend.
fn fixed(year: i16, region: Region) -> [Option<Date>; 5] {
    let [christmas, boxing_day] = pair(date(year, 12, 25));
    let single = |month, day| Some(next_working_day(date(year, month, day)));
    match region {
        Region::EnglandAndWales => [single(1, 1), None, None, christmas, boxing_day],
        Region::Scotland => {
            let [new_year, second] = pair(date(year, 1, 1));
            [new_year, second, single(11, 30), christmas, boxing_day]
        }
        Region::NorthernIreland => [single(1, 1), single(3, 17), single(7, 12), christmas, boxing_day],
    }
}

/// Two holidays in a row: each that falls on a weekend moves to the next free working day.
fn pair(first: Date) -> [Option<Date>; 2] {
    let second = first.tomorrow().ok();
    let after = |days: i64| first.checked_add(days.days()).ok();
    match first.weekday() {
        Weekday::Friday => [Some(first), after(3)],
        Weekday::Saturday => [after(2), after(3)],
        Weekday::Sunday => [after(2), second],
        Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday => [Some(first), second],
    }
}

fn next_working_day(day: Date) -> Date {
    let later = match day.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday | Weekday::Friday => 0,
    };
    day.saturating_add(later.days())
}

fn nth_monday(year: i16, month: i8, nth: i8) -> Option<Date> {
    date(year, month, 1).nth_weekday_of_month(nth, Weekday::Monday).ok()
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher; the letters are theirs).
fn easter_sunday(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let days = h + l - 7 * m + 114;
    let (month, day) = (days / 31, days % 31 + 1);
    date(year, month as i8, day as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holidays(year: i16, region: Region) -> Vec<String> {
        let days = date(year, 1, 1).series(1.day()).take_while(|day| day.year() == year);
        days.filter(|day| is_bank_holiday(*day, region))
            .map(|day| day.strftime("%m-%d").to_string())
            .collect()
    }

    /// As published by the government for these years.
    #[test]
    fn the_bank_holidays_of_england_and_wales() {
        let days = |year| holidays(year, Region::EnglandAndWales);
        assert_eq!(
            days(2026),
            ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]
        );
        assert_eq!(
            days(2027),
            ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"]
        );
        assert_eq!(
            days(2025),
            ["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"]
        );
    }

    #[test]
    fn the_bank_holidays_of_scotland_and_northern_ireland() {
        let scotland = [
            "01-01", "01-02", "04-18", "05-05", "05-26", "08-04", "12-01", "12-25", "12-26",
        ];
        assert_eq!(holidays(2025, Region::Scotland), scotland);
        let new_year_on_a_saturday = holidays(2022, Region::Scotland);
        assert_eq!(new_year_on_a_saturday[..2], ["01-03", "01-04"]);
        let ireland = holidays(2026, Region::NorthernIreland);
        let expected = [
            "01-01", "03-17", "04-03", "04-06", "05-04", "05-25", "07-13", "08-31", "12-25", "12-28",
        ];
        assert_eq!(ireland, expected);
    }
}
