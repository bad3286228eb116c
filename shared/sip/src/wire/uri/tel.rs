//! Telephone numbers as URIs (RFC 3966).

use std::fmt;

use smol_str::SmolStr;

use super::{escape::check_escapes, sip::UriParams};
use crate::wire::error::Malformed;

/// A `tel:` URI, kept as spelled.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TelUri {
    number: SmolStr,
    params: UriParams,
}

impl TelUri {
    /// The number as spelled, visual separators included.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The number without visual separators.
    pub fn digits(&self) -> SmolStr {
        self.number.chars().filter(|c| !is_separator(*c)).collect()
    }

    /// The parameters.
    pub fn params(&self) -> &UriParams {
        &self.params
    }

    /// Reads what stands behind `tel:`.
    pub(super) fn parse(text: &str) -> Result<Self, Malformed> {
        check_escapes(text)?;
        let (number, params) = match text.split_once(';') {
            Some((number, params)) => (number, UriParams::parse(params)?),
            None => (text, UriParams::default()),
        };
        let subscriber = number.strip_prefix('+').unwrap_or(number);
        let dialable = |c: char| c.is_ascii_hexdigit() || matches!(c, '*' | '#') || is_separator(c);
        if !subscriber.chars().all(dialable) || subscriber.chars().all(is_separator) {
            return Err(Malformed::Uri);
        }
        Ok(TelUri {
            number: SmolStr::new(number),
            params,
        })
    }

    pub(super) fn is_equivalent(&self, other: &TelUri) -> bool {
        self.digits().eq_ignore_ascii_case(&other.digits())
            && self.params.iter().count() == other.params.iter().count()
            && self.params.iter().all(|(name, value)| {
                other
                    .params
                    .get(name)
                    .is_some_and(|theirs| theirs.eq_ignore_ascii_case(value.unwrap_or_default()))
            })
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '.' | '(' | ')')
}

impl fmt::Display for TelUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tel:{}{}", self.number, self.params)
    }
}

impl fmt::Debug for TelUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TelUri([personal])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visual_separators_do_not_count() {
        let a = TelUri::parse("+44-20-7946-0000;ext=1").unwrap();
        let b = TelUri::parse("+44(20)79460000;EXT=1").unwrap();
        assert!(a.is_equivalent(&b));
        assert_eq!(a.digits(), "+442079460000");
        assert!(!a.is_equivalent(&TelUri::parse("+442079460000").unwrap()));
        assert!(TelUri::parse("*43#").is_ok());
        assert!(TelUri::parse("+").is_err());
    }
}
