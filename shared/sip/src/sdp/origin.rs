//! Who made a description, and which of its versions this is (RFC 8866 §5.2).

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::Pii;

use super::Address;

/// The `o=` line. Id and version stay text: everyday devices write more digits than any integer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The user as the device knows them, often their number; `-` for none.
    pub username: Pii<SmolStr>,
    /// Stays the same for the whole session.
    pub id: SmolStr,
    /// Rises with every change of the description.
    pub version: SmolStr,
    /// The host that made it, for uniqueness only.
    pub address: Address,
}

impl Origin {
    pub(crate) fn parse(value: &str) -> Option<Origin> {
        // The username may be missing or hold spaces on some devices, so the last five words count.
        let words: Vec<&str> = value.split_ascii_whitespace().collect();
        let (username, rest) = words.split_at(words.len().checked_sub(5)?);
        let [id, version, host @ ..] = rest else {
            return None;
        };
        let username = match username {
            [] => SmolStr::new_static("-"),
            words => words.join("_").into(),
        };
        Some(Origin {
            username: Pii::new(username),
            id: (*id).into(),
            version: (*version).into(),
            address: Address::parse(&host.join(" "))?,
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let username = self.username.expose();
        write!(f, "{username} {} {} {}", self.id, self.version, self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sloppy_origins_are_understood() {
        let printed = |text| Origin::parse(text).map(|origin| origin.to_string());
        assert_eq!(
            printed("- 4611731400430051336 2 IN IP4 127.0.0.1").as_deref(),
            Some("- 4611731400430051336 2 IN IP4 127.0.0.1")
        );
        assert_eq!(
            printed("Front Desk 1 99999999999999999999999 IN IP6 ::1").as_deref(),
            Some("Front_Desk 1 99999999999999999999999 IN IP6 ::1")
        );
        assert_eq!(
            printed("1 1 IN IP4 192.0.2.1").as_deref(),
            Some("- 1 1 IN IP4 192.0.2.1")
        );
        assert_eq!(printed("- 1 IN IP4"), None);
    }
}
