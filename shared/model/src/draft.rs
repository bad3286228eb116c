//! What can be wrong with something a person typed, field by field.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits;

/// A problem and the field that has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DraftProblem {
    /// The field's name in the API.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

impl DraftProblem {
    /// Says that `field` has `problem`.
    pub const fn new(field: &'static str, problem: Problem) -> Self {
        DraftProblem { field, problem }
    }
}

/// What is wrong with one field, in words that a person can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Nothing was typed.
    #[error("must not be empty")]
    Empty,
    /// More characters than fit.
    #[error("must have at most {most} characters")]
    TooLong {
        /// The most characters allowed.
        most: u32,
    },
    /// Fewer characters than needed.
    #[error("must have at least {least} characters")]
    TooShort {
        /// The fewest characters allowed.
        least: u32,
    },
    /// Characters that cannot be shown or sent.
    #[error("must not contain control characters")]
    ControlCharacters,
    /// Characters other than letters and digits.
    #[error("must contain letters and digits only")]
    NotAlphanumeric,
    /// A number outside its range.
    #[error("must be from {least} to {most}")]
    OutOfRange {
        /// The least value allowed.
        least: u32,
        /// The greatest value allowed.
        most: u32,
    },
    /// More entries than fit.
    #[error("must have at most {most} entries")]
    TooMany {
        /// The most entries allowed.
        most: u32,
    },
    /// An entry that is there already.
    #[error("must not have the same entry twice")]
    Twice,
    /// An interval without any moment in it.
    #[error("can never hold")]
    NeverHolds,
    /// Neither a host name nor an address.
    #[error("must be a host name or an address")]
    NotAHost,
    /// No name of the time zone database.
    #[error("must be a name of the time zone database such as Europe/London")]
    NotATimeZone,
    /// Characters other than digits.
    #[error("must contain digits only")]
    NotDigits,
}

impl Problem {
    /// What is wrong with a name for people to read, if anything.
    pub fn of_name(name: &str) -> Option<Problem> {
        if name.trim().is_empty() {
            return Some(Problem::Empty);
        }
        if name.chars().any(char::is_control) {
            return Some(Problem::ControlCharacters);
        }
        (name.chars().count() > limits::NAME_CHARS).then_some(Problem::TooLong {
            most: limits::NAME_CHARS as u32,
        })
    }
}
