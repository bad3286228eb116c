//! Refer-To: where a transfer goes (RFC 3515 §2.1).

use super::support::name_addr_header;

name_addr_header! {
    /// Where a transfer goes; the URI may carry an escaped Replaces.
    ReferTo, One
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn an_attended_transfer_names_the_call_to_replace() {
        let text = "<sip:b@h?Replaces=id%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>";
        let refer_to = reads_as::<ReferTo>(text, text);
        let replaces = refer_to.uri().as_sip().and_then(|uri| uri.header("Replaces"));
        assert_eq!(replaces.unwrap(), "id@h;to-tag=1;from-tag=2");
    }
}
