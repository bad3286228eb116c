//! CSeq: the number and method of a request (RFC 3261 §20.16).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity};
use crate::wire::{
    error::Malformed,
    lex::{Cursor, number},
    method::Method,
    name::HeaderName,
};

/// The number and method of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CSeq {
    number: u32,
    method: Method,
}

impl CSeq {
    /// The header with this number and method.
    pub fn new(number: u32, method: Method) -> Self {
        CSeq { number, method }
    }

    /// The number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }
}

impl Header for CSeq {
    const NAME: HeaderName = HeaderName::CSeq;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let number: u32 = number(cursor.take_while(|b| b.is_ascii_digit()))?;
        if number >= 1 << 31 {
            return Err(Malformed::Number);
        }
        let before = cursor.rest().len();
        cursor.skip_lws();
        if cursor.rest().len() == before {
            return Err(Malformed::Syntax);
        }
        let method = Method::new(cursor.token()?).map_err(|_| Malformed::Syntax)?;
        cursor.end()?;
        Ok(CSeq { number, method })
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn numbers_stay_below_2_to_the_31() {
        reads_as::<CSeq>("0009\r\n  INVITE", "9 INVITE");
        reads_as::<CSeq>("2147483647 x", "2147483647 x");
        refuses::<CSeq>(&[
            "2147483648 INVITE",
            "36893488147419103232 REGISTER",
            "1",
            "INVITE",
            "1 INVITE x",
            "-1 A",
            "1INVITE",
        ]);
    }
}
