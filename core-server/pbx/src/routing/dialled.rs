//! What somebody dialled, parsed once by its form alone.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{ExtensionNumber, SipUsername};

/// The most characters that a dialled number may have; longer ones are no number of anybody.
pub const DIALLED_CHARS: usize = 64;

/// A dialled string, told apart by its form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialled {
    /// 999, 112 or 18000: recognised before anything else (A58).
    Emergency(SmolStr),
    /// Three digits: somebody or something of the own company.
    Internal(ExtensionNumber),
    /// Six digits: a SIP username of the own company (S225), or a number near by.
    SixDigits(SipUsername),
    /// A UK short number: 44101 without its 44 (S233–S235, A16).
    Short(SmolStr),
    /// Other digits, with or without a plus.
    Digits(SmolStr),
    /// Nothing that can be dialled here.
    Unintelligible,
}

impl Dialled {
    /// Reads what was dialled, but for star codes. Spaces, dots, hyphens and brackets that people copy along are
    /// skipped.
    pub fn parse(user: &str) -> Self {
        if user.len() > DIALLED_CHARS {
            return Dialled::Unintelligible;
        }
        let text = plain(user);
        let digits = text.strip_prefix('+').unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Dialled::Unintelligible;
        }
        if digits.len() != text.len() {
            return Dialled::Digits(text);
        }
        if matches!(digits, "999" | "112" | "18000") {
            return Dialled::Emergency(text);
        }
        if let Ok(number) = digits.parse() {
            return Dialled::Internal(number);
        }
        if let Ok(username) = digits.parse() {
            return Dialled::SixDigits(username);
        }
        if digits.len() == 5 && digits.starts_with("441") {
            return Dialled::Short(digits[2..].into());
        }
        if digits.len() > 3 {
            Dialled::Digits(text)
        } else {
            Dialled::Unintelligible
        }
    }

    /// Whether this is an emergency call, which no limit, lock-out or rule may stop.
    pub fn is_emergency(&self) -> bool {
        matches!(self, Dialled::Emergency(_))
    }
}

/// Without what people copy along.
pub(super) fn plain(user: &str) -> SmolStr {
    user.chars()
        .filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_what_was_dialled_tells_what_it_is() {
        let number = |text: &str| text.parse().expect("three digits");
        assert_eq!(Dialled::parse("101"), Dialled::Internal(number("101")));
        for emergency in ["999", "112", "18000"] {
            assert_eq!(Dialled::parse(emergency), Dialled::Emergency(emergency.into()));
        }
        assert_eq!(Dialled::parse("44101"), Dialled::Short("101".into()));
        assert_eq!(
            Dialled::parse("123456"),
            Dialled::SixDigits("123456".parse().expect("six digits"))
        );
        assert_eq!(Dialled::parse("01632 960-123"), Dialled::Digits("01632960123".into()));
        assert_eq!(
            Dialled::parse("+44 (1632) 960123"),
            Dialled::Digits("+441632960123".into())
        );
        for nothing in ["alice", "", "12", "1٣3", "*52", &"1".repeat(65)] {
            assert_eq!(Dialled::parse(nothing), Dialled::Unintelligible, "{nothing}");
        }
    }
}
