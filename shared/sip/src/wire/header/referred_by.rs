//! Referred-By: who asked for a transfer (RFC 3892).

use super::support::name_addr_header;

name_addr_header! {
    /// Who asked for a transfer.
    ReferredBy, One
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn keeps_its_parameters() {
        reads_as::<ReferredBy>(r#"<sip:a@h>;cid="1@h""#, r#"<sip:a@h>;cid="1@h""#);
    }
}
