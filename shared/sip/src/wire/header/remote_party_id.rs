//! Remote-Party-ID: who is calling, before RFC 3325 (draft-ietf-sip-privacy).

use super::support::name_addr_header;

name_addr_header! {
    /// Who is calling, as older phones and carriers say.
    RemotePartyId, List
}

impl RemotePartyId {
    /// Whether the party wants to stay unknown.
    pub fn is_private(&self) -> bool {
        matches!(self.params().get("privacy"), Some("full" | "name" | "uri"))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn privacy_is_a_parameter() {
        let text = "\"A\" <sip:a@h>;party=calling;privacy=full;screen=yes";
        assert!(reads_as::<RemotePartyId>(text, text).is_private());
    }
}
