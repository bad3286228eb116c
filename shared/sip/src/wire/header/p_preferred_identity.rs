//! P-Preferred-Identity: which of their identities a user wants asserted (RFC 3325 §9.2).

use super::support::name_addr_header;

name_addr_header! {
    /// Which of their identities a user wants asserted.
    PPreferredIdentity, List
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn reads_an_address() {
        reads_as::<PPreferredIdentity>(r#"<sip:a@h>"#, r#"<sip:a@h>"#);
    }
}
