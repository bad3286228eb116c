//! Retry-After: when to try again (RFC 3261 §20.33).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity};
use crate::wire::{
    error::Malformed,
    lex::{Cursor, number},
    name::HeaderName,
};

/// After how many seconds to try again; comment and duration are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryAfter {
    seconds: u32,
}

impl RetryAfter {
    /// The header with this number of seconds.
    pub const fn new(seconds: u32) -> Self {
        RetryAfter { seconds }
    }

    /// Seconds.
    pub const fn seconds(self) -> u32 {
        self.seconds
    }
}

impl Header for RetryAfter {
    const NAME: HeaderName = HeaderName::RetryAfter;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let seconds = number(cursor.take_while(|b| b.is_ascii_digit()))?;
        cursor.skip_lws();
        match cursor.peek() {
            None | Some(b'(' | b';') => Ok(RetryAfter { seconds }),
            Some(_) => Err(Malformed::Syntax),
        }
    }
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seconds.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn comments_are_skipped() {
        reads_as::<RetryAfter>("18000;duration=3600", "18000");
        reads_as::<RetryAfter>("120 (I'm in a meeting)", "120");
        refuses::<RetryAfter>(&["", "949302838503028349304023988", "1 2", "soon"]);
    }
}
