//! The rule for sign-in passwords (S029–S032, A13).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits;

/// A criterion that a password does not meet yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordWeakness {
    /// It has fewer than 8 or more than 50 characters.
    #[error("must have 8 to 50 characters")]
    Length,
    /// It has no upper case letter.
    #[error("must contain an upper case letter")]
    NoUpperCase,
    /// It has no lower case letter.
    #[error("must contain a lower case letter")]
    NoLowerCase,
    /// It has no digit.
    #[error("must contain a digit")]
    NoDigit,
    /// It has no special character.
    #[error("must contain a special character")]
    NoSpecial,
}

/// Finds every criterion that `password` does not meet; empty when it is accepted.
pub fn check_password(password: &str) -> Vec<PasswordWeakness> {
    let has = |criterion: fn(char) -> bool| password.chars().any(criterion);
    [
        (
            limits::PASSWORD_CHARS.contains(&password.chars().count()),
            PasswordWeakness::Length,
        ),
        (has(char::is_uppercase), PasswordWeakness::NoUpperCase),
        (has(char::is_lowercase), PasswordWeakness::NoLowerCase),
        (has(|c| c.is_ascii_digit()), PasswordWeakness::NoDigit),
        (
            has(|c| !c.is_alphanumeric() && !c.is_control() && !c.is_whitespace()),
            PasswordWeakness::NoSpecial,
        ),
    ]
    .into_iter()
    .filter_map(|(met, weakness)| (!met).then_some(weakness))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_limits_are_8_and_50_inclusive() {
        let padded = |length: usize| format!("Aa1!{}", "x".repeat(length - 4));
        assert_eq!(check_password(&padded(7)), [PasswordWeakness::Length]);
        assert_eq!(check_password(&padded(8)), []);
        assert_eq!(check_password(&padded(50)), []);
        assert_eq!(check_password(&padded(51)), [PasswordWeakness::Length]);
    }

    #[test]
    fn each_class_of_character_is_needed() {
        assert_eq!(check_password("aaaaaaa1!"), [PasswordWeakness::NoUpperCase]);
        assert_eq!(check_password("AAAAAAA1!"), [PasswordWeakness::NoLowerCase]);
        assert_eq!(check_password("AAAAAAaa!"), [PasswordWeakness::NoDigit]);
        assert_eq!(check_password("AAAAAAaa1"), [PasswordWeakness::NoSpecial]);
        assert_eq!(check_password("AAAAAaa1("), []);
    }
}
