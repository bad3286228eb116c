//! Record-Route: the hops that stay in a dialog's path (RFC 3261 §20.30).

use super::support::name_addr_header;

name_addr_header! {
    /// One hop that wants to stay in the path of the dialog.
    RecordRoute, List
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn keeps_uri_parameters() {
        reads_as::<RecordRoute>(r#"<sip:p;lr;ftag=1>"#, r#"<sip:p;lr;ftag=1>"#);
    }
}
