//! RAck: which reliable provisional response a PRACK confirms (RFC 3262 §7.2).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CSeq, Header, Multiplicity};
use crate::wire::{
    error::Malformed,
    lex::{Cursor, number},
    name::HeaderName,
};

/// Which reliable provisional response a PRACK confirms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RAck {
    rseq: u32,
    cseq: CSeq,
}

impl RAck {
    /// The confirmation of the response with this RSeq, to the request with this CSeq.
    pub fn new(rseq: u32, cseq: CSeq) -> Self {
        RAck { rseq, cseq }
    }

    /// The RSeq of the response.
    pub fn rseq(&self) -> u32 {
        self.rseq
    }

    /// The CSeq of the request.
    pub fn cseq(&self) -> &CSeq {
        &self.cseq
    }
}

impl Header for RAck {
    const NAME: HeaderName = HeaderName::RAck;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let rseq = number(cursor.take_while(|b| b.is_ascii_digit()))?;
        Ok(RAck {
            rseq,
            cseq: CSeq::parse(cursor.rest())?,
        })
    }
}

impl fmt::Display for RAck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rseq, self.cseq)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn names_response_and_request() {
        let rack = reads_as::<RAck>("776656  1 INVITE", "776656 1 INVITE");
        assert_eq!((rack.rseq(), rack.cseq().number()), (776_656, 1));
        refuses::<RAck>(&["", "1", "1 INVITE", "1 1", "x 1 INVITE"]);
    }
}
