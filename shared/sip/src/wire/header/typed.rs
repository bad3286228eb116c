//! What makes a header typed: a name, a reader, a printer, and how several values travel (RFC 3261 §7.3).

use std::fmt;

use crate::wire::{error::Malformed, name::HeaderName};

/// A header that this crate can read and print.
pub trait Header: Sized + fmt::Display {
    /// Its name.
    const NAME: HeaderName;
    /// How several values of it travel.
    const MULTIPLICITY: Multiplicity;

    /// Reads one value (one element of a list), which may contain folds.
    fn parse(value: &[u8]) -> Result<Self, Malformed>;
}

/// How several values of one header travel (RFC 3261 §7.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplicity {
    /// There is one value only; a second one is an error.
    One,
    /// Each value has a line of its own, and commas belong to the value.
    Lines,
    /// Values are separated by commas or stand on lines of their own.
    List,
    /// All lines together are one value.
    Set,
}
