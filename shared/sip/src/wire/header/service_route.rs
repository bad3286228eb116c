//! Service-Route: the hops that a registered user's requests have to visit (RFC 3608).

use super::support::name_addr_header;

name_addr_header! {
    /// One hop that a registered user's requests have to visit.
    ServiceRoute, List
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn keeps_uri_parameters() {
        reads_as::<ServiceRoute>(r#"<sip:home;lr>"#, r#"<sip:home;lr>"#);
    }
}
