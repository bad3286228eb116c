//! Public telephone numbers: E.164 inside, every written form a person in the United Kingdom dials outside (A16, A66).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, SmolStrBuilder};
use thiserror::Error;

/// The country code of the United Kingdom, whose dialling habits are understood.
const UK: &str = "44";
/// The digits of a number with its country code, at least and at most (E.164 §6.2.1).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A public number in international form, for example `+441632960123` (ITU-T E.164).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct PhoneNumber(SmolStr);

/// Why a text is no public number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PhoneNumberError {
    /// There are characters other than digits, and those that people write between them.
    #[error("must be a telephone number such as 01632 960123 or +44 1632 960123")]
    NotANumber,
    /// Too few or too many digits for a number with its country code.
    #[error("must have 7 to 15 digits with the country code")]
    Length,
    /// A number without its area code, and no area code is known.
    #[error("needs an area code")]
    NoAreaCode,
}

/// A UK area code without its leading zero, for example `1632`: completes numbers that are dialled without one.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct AreaCode(SmolStr);

/// A text that is no UK area code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a UK area code such as 01632")]
pub struct AreaCodeError;

impl PhoneNumber {
    /// Reads what a person of the United Kingdom writes or dials: `+44…`, `0044…`, `44…` with nine or more digits after
    /// it, `01632 960123`, and with an `area` also `960123`.
    pub fn dialled(text: &str, area: Option<&AreaCode>) -> Result<Self, PhoneNumberError> {
        let plain = without_punctuation(text).ok_or(PhoneNumberError::NotANumber)?;
        if let Some(digits) = plain.strip_prefix('+') {
            return PhoneNumber::from_digits(digits);
        }
        if let Some(digits) = plain.strip_prefix("00") {
            return PhoneNumber::from_digits(digits);
        }
        if let Some(national) = plain.strip_prefix('0') {
            return PhoneNumber::from_digits(&format!("{UK}{national}"));
        }
        if plain.starts_with(UK) && plain.len() >= UK.len() + 9 {
            return PhoneNumber::from_digits(&plain);
        }
        let area = area.ok_or(PhoneNumberError::NoAreaCode)?;
        PhoneNumber::from_digits(&format!("{UK}{}{plain}", area.0))
    }

    /// The digits with the country code, without the plus.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// With the plus.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The national form with its leading zero, for numbers of the United Kingdom.
    pub fn national(&self) -> Option<String> {
        self.digits().strip_prefix(UK).map(|national| format!("0{national}"))
    }

    /// Whether it is a number of the United Kingdom.
    pub fn is_domestic(&self) -> bool {
        self.digits().starts_with(UK)
    }

    fn from_digits(digits: &str) -> Result<Self, PhoneNumberError> {
        // People write +44 (0)1632; the zero is not dialled.
        let digits = match digits.strip_prefix("440") {
            Some(national) => SmolStr::from(format!("{UK}{national}")),
            None => SmolStr::from(digits),
        };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.starts_with('0') {
            return Err(PhoneNumberError::NotANumber);
        }
        if !DIGITS.contains(&digits.len()) {
            return Err(PhoneNumberError::Length);
        }
        Ok(PhoneNumber(format!("+{digits}").into()))
    }
}

/// Takes out what people write between digits; nothing when other characters are left.
fn without_punctuation(text: &str) -> Option<SmolStr> {
    const LONGEST: usize = 40;
    if text.len() > LONGEST {
        return None;
    }
    let mut plain = SmolStrBuilder::new();
    for (index, c) in text.trim().chars().enumerate() {
        match c {
            '0'..='9' => plain.push(c),
            '+' if index == 0 => plain.push(c),
            ' ' | '\u{a0}' | '.' | '-' | '(' | ')' | '/' => {}
            _ => return None,
        }
    }
    Some(plain.finish()).filter(|plain| !plain.is_empty())
}

impl FromStr for PhoneNumber {
    type Err = PhoneNumberError;

    fn from_str(text: &str) -> Result<Self, PhoneNumberError> {
        PhoneNumber::dialled(text, None)
    }
}

impl FromStr for AreaCode {
    type Err = AreaCodeError;

    fn from_str(text: &str) -> Result<Self, AreaCodeError> {
        let plain = without_punctuation(text).ok_or(AreaCodeError)?;
        let code = plain.strip_prefix('0').unwrap_or(&plain);
        let geographic = code.starts_with('1') || code.starts_with('2');
        let is_code = geographic && (2..=5).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        if is_code {
            Ok(AreaCode(code.into()))
        } else {
            Err(AreaCodeError)
        }
    }
}

macro_rules! text_conversions {
    ($($name:ident, $error:ident, $prefix:literal;)*) => {$(
        impl TryFrom<SmolStr> for $name {
            type Error = $error;

            fn try_from(text: SmolStr) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$name> for SmolStr {
            fn from(number: $name) -> SmolStr {
                format!("{number}").into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[personal]")
            }
        }
    )*};
}

text_conversions! {
    PhoneNumber, PhoneNumberError, "";
    AreaCode, AreaCodeError, "0";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, PhoneNumberError> {
        text.parse().map(|number: PhoneNumber| number.to_string())
    }

    #[test]
    fn every_written_form_of_a_number_is_the_same_number() {
        for text in [
            "+441632960123",
            "0044 1632 960123",
            "441632960123",
            "01632 960-123",
            "+44 (0)1632 960123",
            "(01632) 960.123",
        ] {
            assert_eq!(read(text), Ok("+441632960123".to_owned()), "{text}");
        }
        assert_eq!(read("+1 (202) 555-0123"), Ok("+12025550123".to_owned()));
    }

    #[test]
    fn a_local_number_needs_an_area_code() {
        let area = "01632".parse().expect("an area code");
        let local = PhoneNumber::dialled("960123", Some(&area)).map(|number| number.to_string());
        assert_eq!(local, Ok("+441632960123".to_owned()));
        assert_eq!(read("960123"), Err(PhoneNumberError::NoAreaCode));
        assert!("7700".parse::<AreaCode>().is_err() && "0".parse::<AreaCode>().is_err());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert_eq!(read("+0441632960123"), Err(PhoneNumberError::NotANumber));
        assert_eq!(read("01632 96012x"), Err(PhoneNumberError::NotANumber));
        assert_eq!(read("+44 12"), Err(PhoneNumberError::Length));
        assert_eq!(read("+1234567890123456"), Err(PhoneNumberError::Length));
        assert_eq!(read("٠١٦٣٢٩٦٠١٢٣"), Err(PhoneNumberError::NotANumber));
        assert_eq!(read(""), Err(PhoneNumberError::NotANumber));
    }

    #[test]
    fn the_national_form_has_its_zero() {
        let number: PhoneNumber = "+441632960123".parse().expect("a number");
        assert_eq!(number.national().as_deref(), Some("01632960123"));
        assert_eq!(number.digits(), "441632960123");
    }
}
