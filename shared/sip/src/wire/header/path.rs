//! Path: the hops between a registrar and a contact (RFC 3327).

use super::support::name_addr_header;

name_addr_header! {
    /// One hop on the way to a registered contact.
    Path, List
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn keeps_uri_parameters() {
        reads_as::<Path>(r#"<sip:edge;lr;ob>"#, r#"<sip:edge;lr;ob>"#);
    }
}
