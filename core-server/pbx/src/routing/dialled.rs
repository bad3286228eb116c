//! What somebody dialled, parsed once.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{ExtensionNumber, SipUsername};

use super::feature::{self, FeatureCode};

/// The most characters that a dialled number may have; longer ones are no number of anybody.
pub const DIALLED_CHARS: usize = 64;

/// A dialled string, told apart by its form alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialled {
    /// 999 or 112: recognised before anything else (A58).
    Emergency(SmolStr),
    /// Three digits: somebody or something of the own company.
    Internal(ExtensionNumber),
    /// Six digits: a SIP username of the own company (S225).
    Username(SipUsername),
    /// A star code.
    Feature(FeatureCode),
    /// `44` and three digits: a UK short number such as 44101 (S233–S235, A16).
    UkShort(SmolStr),
    /// A number outside: `0…`, `+…`, `00…` or `44…`, digits only after the plus.
    Outside(SmolStr),
    /// A star code that does not exist.
    UnknownFeature(SmolStr),
    /// Nothing that can be dialled here.
    Unintelligible,
}

impl Dialled {
    /// Reads the user part of a Request-URI. Spaces, dots, hyphens and brackets that people copy along are skipped.
    pub fn parse(user: &str) -> Self {
        if user.len() > DIALLED_CHARS {
            return Dialled::Unintelligible;
        }
        let text: SmolStr = user
            .chars()
            .filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')'))
            .collect();
        if text.starts_with('*') {
            return feature::parse(&text).map_or(Dialled::UnknownFeature(text), Dialled::Feature);
        }
        let digits = text.strip_prefix('+').unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Dialled::Unintelligible;
        }
        if digits.len() != text.len() {
            return Dialled::Outside(text);
        }
        if matches!(digits, "999" | "112") {
            return Dialled::Emergency(text);
        }
        if let Ok(number) = digits.parse() {
            return Dialled::Internal(number);
        }
        if let Ok(username) = digits.parse() {
            return Dialled::Username(username);
        }
        if digits.len() == 5 && digits.starts_with("441") {
            return Dialled::UkShort(text);
        }
        if digits.len() >= 3 {
            Dialled::Outside(text)
        } else {
            Dialled::Unintelligible
        }
    }

    /// Whether this is an emergency call, which no limit, lock-out or rule may stop.
    pub fn is_emergency(&self) -> bool {
        matches!(self, Dialled::Emergency(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_what_was_dialled_tells_what_it_is() {
        let number = |text: &str| text.parse().expect("three digits");
        assert_eq!(Dialled::parse("101"), Dialled::Internal(number("101")));
        assert_eq!(Dialled::parse("999"), Dialled::Emergency("999".into()));
        assert_eq!(Dialled::parse("112"), Dialled::Emergency("112".into()));
        assert_eq!(Dialled::parse("44101"), Dialled::UkShort("44101".into()));
        assert_eq!(Dialled::parse("*52"), Dialled::Feature(FeatureCode::Echo));
        assert_eq!(Dialled::parse("*5299"), Dialled::UnknownFeature("*5299".into()));
        assert_eq!(
            Dialled::parse("123456"),
            Dialled::Username("123456".parse().expect("six digits"))
        );
        assert_eq!(Dialled::parse("01632 960-123"), Dialled::Outside("01632960123".into()));
        assert_eq!(
            Dialled::parse("+44 (1632) 960123"),
            Dialled::Outside("+441632960123".into())
        );
        assert_eq!(Dialled::parse("alice"), Dialled::Unintelligible);
        assert_eq!(Dialled::parse(""), Dialled::Unintelligible);
        assert_eq!(Dialled::parse("12"), Dialled::Unintelligible);
        assert_eq!(Dialled::parse(&"1".repeat(65)), Dialled::Unintelligible);
        assert_eq!(Dialled::parse("1٣3"), Dialled::Unintelligible);
    }
}
