//! Min-SE: the shortest session interval that is accepted (RFC 4028 §5).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity};
use crate::wire::{
    error::Malformed,
    lex::{Cursor, saturating_u32},
    name::HeaderName,
    params::Params,
};

/// The shortest session interval that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinSe {
    seconds: u32,
    params: Params,
}

impl MinSe {
    /// The header with this number of seconds.
    pub fn new(seconds: u32) -> Self {
        MinSe {
            seconds,
            params: Params::default(),
        }
    }

    /// Seconds.
    pub fn seconds(&self) -> u32 {
        self.seconds
    }
}

impl Header for MinSe {
    const NAME: HeaderName = HeaderName::MinSe;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let seconds = saturating_u32(cursor.take_while(|b| b.is_ascii_digit()))?;
        Ok(MinSe {
            seconds,
            params: Params::parse(&mut cursor)?,
        })
    }
}

impl fmt::Display for MinSe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.seconds, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn is_a_number_with_parameters() {
        assert_eq!(reads_as::<MinSe>("90;x=1", "90;x=1").seconds(), 90);
        refuses::<MinSe>(&["", "x", "-1", "9 0"]);
    }
}
