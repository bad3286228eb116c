//! The numbers of the exchange itself: 3-digit internal numbers and 6-digit SIP usernames.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use thiserror::Error;

/// Why a text is not a number of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NumberError {
    /// An internal number has exactly three digits.
    #[error("must be exactly three digits")]
    NotThreeDigits,
    /// 999 and 112 are never handed out (A58).
    #[error("is an emergency number")]
    Emergency,
    /// A SIP username has exactly six digits.
    #[error("must be exactly six digits")]
    NotSixDigits,
}

/// An internal number: exactly three digits, a leading zero allowed, never 999 or 112 (S046, S236).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct ExtensionNumber(SmolStr);

impl ExtensionNumber {
    /// The three digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExtensionNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        if !digits(text, 3) {
            return Err(NumberError::NotThreeDigits);
        }
        if matches!(text, "999" | "112") {
            return Err(NumberError::Emergency);
        }
        Ok(ExtensionNumber(text.into()))
    }
}

/// A SIP username: exactly six digits, unique on the platform (S089, A09).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct SipUsername(SmolStr);

impl SipUsername {
    /// The six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SipUsername {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        if digits(text, 6) {
            Ok(SipUsername(text.into()))
        } else {
            Err(NumberError::NotSixDigits)
        }
    }
}

macro_rules! text_conversions {
    ($($name:ident),*) => {$(
        impl TryFrom<SmolStr> for $name {
            type Error = NumberError;

            fn try_from(text: SmolStr) -> Result<Self, NumberError> {
                text.parse()
            }
        }

        impl From<$name> for SmolStr {
            fn from(number: $name) -> SmolStr {
                number.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_conversions!(ExtensionNumber, SipUsername);

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_number_has_three_digits_and_is_no_emergency_number() {
        assert_eq!(
            "012".parse::<ExtensionNumber>().map(|n| n.to_string()),
            Ok("012".to_owned())
        );
        assert_eq!("12".parse::<ExtensionNumber>(), Err(NumberError::NotThreeDigits));
        assert_eq!("1234".parse::<ExtensionNumber>(), Err(NumberError::NotThreeDigits));
        assert_eq!("٣٣٣".parse::<ExtensionNumber>(), Err(NumberError::NotThreeDigits));
        assert_eq!("999".parse::<ExtensionNumber>(), Err(NumberError::Emergency));
        assert_eq!("112".parse::<ExtensionNumber>(), Err(NumberError::Emergency));
    }

    #[test]
    fn a_sip_username_has_six_digits() {
        assert!("100023".parse::<SipUsername>().is_ok());
        assert_eq!("10002".parse::<SipUsername>(), Err(NumberError::NotSixDigits));
        assert_eq!("10002a".parse::<SipUsername>(), Err(NumberError::NotSixDigits));
    }
}
