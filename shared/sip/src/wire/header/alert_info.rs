//! AlertInfo: how a call should ring (RFC 3261 §20.4, RFC 7462).

use super::support::name_addr_header;

name_addr_header! {
    /// How a call should ring: a URI, often `urn:alert:…` or a made-up one with parameters.
    AlertInfo, List
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn the_habits_of_desk_phones_are_read() {
        reads_as::<AlertInfo>(
            "<http://127.0.0.1>;info=alert-internal",
            "<http://127.0.0.1>;info=alert-internal",
        );
        reads_as::<AlertInfo>("<urn:alert:source:internal>", "<urn:alert:source:internal>");
    }
}
