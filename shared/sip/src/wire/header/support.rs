//! What families of headers share: addresses, numbers, words and lists of words.

/// A header that is a [`NameAddr`](super::NameAddr).
macro_rules! name_addr_header {
    ($(#[$doc:meta])* $header:ident, $multiplicity:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $header(pub $crate::wire::header::NameAddr);

        impl $header {
            /// The header with this address.
            pub fn new(address: impl Into<$crate::wire::header::NameAddr>) -> Self {
                $header(address.into())
            }
        }

        impl std::ops::Deref for $header {
            type Target = $crate::wire::header::NameAddr;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl $crate::wire::header::Header for $header {
            const NAME: $crate::wire::HeaderName = $crate::wire::HeaderName::$header;
            const MULTIPLICITY: $crate::wire::header::Multiplicity = $crate::wire::header::Multiplicity::$multiplicity;

            fn parse(value: &[u8]) -> Result<Self, $crate::wire::Malformed> {
                $crate::wire::header::NameAddr::parse(value).map($header)
            }
        }

        impl std::fmt::Display for $header {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

/// A header that is one number; `$read` decides what out of range means.
macro_rules! number_header {
    ($(#[$doc:meta])* $header:ident, $number:ty, $accessor:ident, $accessor_doc:literal, $read:path) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub struct $header($number);

        impl $header {
            /// The header with this number.
            pub const fn new($accessor: $number) -> Self {
                $header($accessor)
            }

            #[doc = $accessor_doc]
            pub const fn $accessor(self) -> $number {
                self.0
            }
        }

        impl $crate::wire::header::Header for $header {
            const NAME: $crate::wire::HeaderName = $crate::wire::HeaderName::$header;
            const MULTIPLICITY: $crate::wire::header::Multiplicity = $crate::wire::header::Multiplicity::One;

            fn parse(value: &[u8]) -> Result<Self, $crate::wire::Malformed> {
                $read($crate::wire::lex::trim(value)).map($header)
            }
        }

        impl std::fmt::Display for $header {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

/// A header that is a set of words, all its lines together.
macro_rules! words_header {
    ($(#[$doc:meta])* $header:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $header(Vec<$crate::wire::Token>);

        impl $header {
            /// Whether `word` is among them, in any case.
            pub fn contains(&self, word: &str) -> bool {
                self.0.iter().any(|other| other.eq_ignore_ascii_case(word))
            }

            /// The words in order.
            pub fn iter(&self) -> impl Iterator<Item = &$crate::wire::Token> {
                self.0.iter()
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl FromIterator<$crate::wire::Token> for $header {
            fn from_iter<I: IntoIterator<Item = $crate::wire::Token>>(words: I) -> Self {
                $header(words.into_iter().collect())
            }
        }

        impl $crate::wire::header::Header for $header {
            const NAME: $crate::wire::HeaderName = $crate::wire::HeaderName::$header;
            const MULTIPLICITY: $crate::wire::header::Multiplicity = $crate::wire::header::Multiplicity::Set;

            fn parse(value: &[u8]) -> Result<Self, $crate::wire::Malformed> {
                $crate::wire::header::support::words(value, $crate::wire::Token::from_bytes).map($header)
            }
        }

        impl std::fmt::Display for $header {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::wire::header::support::print_list(f, &self.0)
            }
        }
    };
}

/// A header that is free text.
macro_rules! text_header {
    ($(#[$doc:meta])* $header:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $header(smol_str::SmolStr);

        impl $header {
            /// The header with this text.
            pub fn new(text: &str) -> Self {
                $header(smol_str::SmolStr::new(text.trim()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $crate::wire::header::Header for $header {
            const NAME: $crate::wire::HeaderName = $crate::wire::HeaderName::$header;
            const MULTIPLICITY: $crate::wire::header::Multiplicity = $crate::wire::header::Multiplicity::One;

            fn parse(value: &[u8]) -> Result<Self, $crate::wire::Malformed> {
                Ok($header($crate::wire::lex::text(value)))
            }
        }

        impl std::fmt::Display for $header {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

pub(super) use {name_addr_header, number_header, text_header, words_header};

use std::fmt;

use crate::wire::{NotToken, error::Malformed, lex::elements};

/// Reads a list of words; empty elements, which the grammar forbids and phones send, are skipped.
pub(super) fn words<T>(value: &[u8], read: impl Fn(&[u8]) -> Result<T, NotToken>) -> Result<Vec<T>, Malformed> {
    elements(value)
        .filter(|word| !word.is_empty())
        .map(|word| read(word).map_err(|NotToken| Malformed::Syntax))
        .collect()
}

/// Prints a list with commas.
pub(super) fn print_list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    items.iter().enumerate().try_for_each(|(position, item)| {
        f.write_str(if position == 0 { "" } else { ", " })?;
        item.fmt(f)
    })
}

#[cfg(test)]
pub(super) mod testing {
    use crate::wire::header::Header;

    /// `value` is read and prints as `printed`, which reads the same again.
    pub(in crate::wire::header) fn reads_as<H: Header + PartialEq>(value: &str, printed: &str) -> H {
        let header = H::parse(value.as_bytes()).expect(value);
        assert_eq!(header.to_string(), printed);
        assert!(
            H::parse(printed.as_bytes()).expect(printed) == header,
            "{printed} reads differently"
        );
        header
    }

    /// Each of `values` is refused.
    pub(in crate::wire::header) fn refuses<H: Header>(values: &[&str]) {
        for value in values {
            assert!(H::parse(value.as_bytes()).is_err(), "{value:?} was accepted");
        }
    }
}
