//! Session-Expires: how long a call lives without a refresh (RFC 4028 §4).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity};
use crate::wire::{
    error::Malformed,
    lex::{Cursor, saturating_u32},
    name::HeaderName,
    params::Params,
};

/// How long a call lives without a refresh, and who refreshes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionExpires {
    seconds: u32,
    params: Params,
}

/// Who refreshes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refresher {
    /// The side that sent this request.
    Uac,
    /// The side that answers it.
    Uas,
}

impl SessionExpires {
    /// The header with this interval and, if decided, this refresher.
    pub fn new(seconds: u32, refresher: Option<Refresher>) -> Self {
        let mut params = Params::default();
        match refresher {
            Some(Refresher::Uac) => params.set("refresher", "uac"),
            Some(Refresher::Uas) => params.set("refresher", "uas"),
            None => {}
        }
        SessionExpires { seconds, params }
    }

    /// The interval in seconds.
    pub fn seconds(&self) -> u32 {
        self.seconds
    }

    /// Who refreshes, if it says so.
    pub fn refresher(&self) -> Option<Refresher> {
        let refresher = self.params.get("refresher")?;
        if refresher.eq_ignore_ascii_case("uac") {
            Some(Refresher::Uac)
        } else if refresher.eq_ignore_ascii_case("uas") {
            Some(Refresher::Uas)
        } else {
            None
        }
    }
}

impl Header for SessionExpires {
    const NAME: HeaderName = HeaderName::SessionExpires;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let seconds = saturating_u32(cursor.take_while(|b| b.is_ascii_digit()))?;
        Ok(SessionExpires {
            seconds,
            params: Params::parse(&mut cursor)?,
        })
    }
}

impl fmt::Display for SessionExpires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.seconds, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn says_how_long_and_who() {
        let expires = reads_as::<SessionExpires>("1800 ; Refresher = UAS", "1800;Refresher=UAS");
        assert_eq!((expires.seconds(), expires.refresher()), (1800, Some(Refresher::Uas)));
        assert_eq!(
            SessionExpires::new(90, Some(Refresher::Uac)).to_string(),
            "90;refresher=uac"
        );
        assert_eq!(reads_as::<SessionExpires>("90", "90").refresher(), None);
        refuses::<SessionExpires>(&["", "x", "-1"]);
    }
}
