//! Time intervals by which rules decide (S188–S193, A34–A36): days, times and dates on the company's own clock.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{DraftProblem, IntervalId, Problem, Revision, limits};

/// A named interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Interval {
    /// Its identity.
    pub id: IntervalId,
    /// Rises with every change.
    pub revision: Revision,
    /// What a person says of it.
    #[serde(flatten)]
    pub settings: IntervalSettings,
}

/// What a person says of an interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntervalSettings {
    /// Its name; unique in the company.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// When it holds.
    pub when: When,
}

/// When an interval holds; any of its ranges is enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "ranges", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum When {
    /// On days of the week.
    Weekly(Vec<WeeklyRange>),
    /// On days of every year.
    Yearly(Vec<YearlyRange>),
    /// On these dates only.
    Dated(Vec<DatedRange>),
    /// On the bank holidays of a part of the United Kingdom, with Easter and substitute days.
    BankHolidays(Region),
}

/// A range of times on days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WeeklyRange {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// Its first minute.
    pub from: TimeOfDay,
    /// Its last minute, to its end; before `from`, it is one of the day after.
    pub to: TimeOfDay,
}

/// A range of days of every year, over the turn of the year where it ends before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct YearlyRange {
    /// Its first day.
    pub from: YearDay,
    /// Its last day.
    pub to: YearDay,
}

/// A range of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatedRange {
    /// Its first day.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub from: Date,
    /// Its last day.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub to: Date,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// A part of the United Kingdom with bank holidays of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Region {
    /// England and Wales.
    EnglandAndWales,
    /// Scotland.
    Scotland,
    /// Northern Ireland.
    NorthernIreland,
}

/// A minute of a day, written `HH:MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

/// A day of a year, written `MM-DD`; 29 February is one that comes only in leap years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct YearDay {
    month: u8,
    day: u8,
}

/// Why a text is no time or day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IntervalError {
    /// Times are written as hours and minutes.
    #[error("must be a time such as 09:30")]
    Time,
    /// Days of the year are written as month and day.
    #[error("must be a day of the year such as 12-25")]
    YearDay,
}

impl IntervalSettings {
    /// Finds everything that is wrong; empty when it can be stored.
    pub fn problems(&self) -> Vec<DraftProblem> {
        let mut problems = Vec::new();
        problems.extend(Problem::of_name(&self.name).map(|problem| DraftProblem::new("name", problem)));
        let long = |text: &String| text.chars().count() > limits::DESCRIPTION_CHARS;
        if self.description.as_ref().is_some_and(long) {
            let most = limits::DESCRIPTION_CHARS as u32;
            problems.push(DraftProblem::new("description", Problem::TooLong { most }));
        }
        problems.extend(self.when.problem().map(|problem| DraftProblem::new("when", problem)));
        problems
    }
}

impl When {
    /// What is wrong with it, if anything: an interval that can never hold is a mistake.
    fn problem(&self) -> Option<Problem> {
        let count = match self {
            When::Weekly(ranges) => ranges.len(),
            When::Yearly(ranges) => ranges.len(),
            When::Dated(ranges) => ranges.len(),
            When::BankHolidays(_) => 1,
        };
        if count == 0 {
            return Some(Problem::Empty);
        }
        if count > limits::RANGES_PER_INTERVAL {
            let most = limits::RANGES_PER_INTERVAL as u32;
            return Some(Problem::TooMany { most });
        }
        let never = match self {
            When::Weekly(ranges) => ranges.iter().any(|range| range.days.is_empty()),
            When::Dated(ranges) => ranges.iter().any(|range| range.to < range.from),
            When::Yearly(_) | When::BankHolidays(_) => false,
        };
        never.then_some(Problem::NeverHolds)
    }
}

impl TimeOfDay {
    /// Minutes since midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl YearDay {
    /// From 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// From 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }
}

impl FromStr for TimeOfDay {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let (hours, minutes) = two_numbers(text, ':').ok_or(IntervalError::Time)?;
        if hours > 23 || minutes > 59 {
            return Err(IntervalError::Time);
        }
        Ok(TimeOfDay(u16::from(hours) * 60 + u16::from(minutes)))
    }
}

impl FromStr for YearDay {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        const A_LEAP_YEAR: i16 = 2024;
        let (month, day) = two_numbers(text, '-').ok_or(IntervalError::YearDay)?;
        let exists = i8::try_from(month)
            .is_ok_and(|month| i8::try_from(day).is_ok_and(|day| Date::new(A_LEAP_YEAR, month, day).is_ok()));
        if exists {
            Ok(YearDay { month, day })
        } else {
            Err(IntervalError::YearDay)
        }
    }
}

/// Two numbers of two digits each.
fn two_numbers(text: &str, between: char) -> Option<(u8, u8)> {
    let (first, second) = text.split_once(between)?;
    let number = |text: &str| {
        let two_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        two_digits.then(|| text.parse().ok()).flatten()
    };
    Some((number(first)?, number(second)?))
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Display for YearDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

macro_rules! text_conversions {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = IntervalError;

            fn try_from(text: String) -> Result<Self, IntervalError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }
    )*};
}

text_conversions!(TimeOfDay, YearDay);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_are_read_and_written() {
        assert_eq!("09:30".parse().map(TimeOfDay::minutes), Ok(570));
        assert_eq!(
            "23:59".parse::<TimeOfDay>().map(|time| time.to_string()),
            Ok("23:59".to_owned())
        );
        for wrong in ["24:00", "9:30", "09:60", "0930", "", "-1:00"] {
            assert_eq!(wrong.parse::<TimeOfDay>(), Err(IntervalError::Time), "{wrong}");
        }
        assert_eq!(
            "02-29".parse::<YearDay>().map(|day| day.to_string()),
            Ok("02-29".to_owned())
        );
        assert_eq!("02-30".parse::<YearDay>(), Err(IntervalError::YearDay));
    }

    #[test]
    fn an_interval_that_never_holds_is_a_mistake() {
        let settings = |json: &str| {
            serde_json::from_str::<IntervalSettings>(json)
                .expect("settings")
                .problems()
        };
        let empty = settings(r#"{"name": "Never", "when": {"kind": "weekly", "ranges": []}}"#);
        assert_eq!(empty, [DraftProblem::new("when", Problem::Empty)]);
        let backwards = settings(
            r#"{"name": "Past", "when": {"kind": "dated", "ranges": [{"from": "2026-12-27", "to": "2026-12-24"}]}}"#,
        );
        assert_eq!(backwards, [DraftProblem::new("when", Problem::NeverHolds)]);
        let holidays = settings(r#"{"name": "Holidays", "when": {"kind": "bank_holidays", "ranges": "scotland"}}"#);
        assert_eq!(holidays, []);
    }
}
