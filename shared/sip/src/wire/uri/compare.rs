//! When two SIP URIs name the same resource (RFC 3261 §19.1.4).

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::{
    escape::unescape,
    sip::{SipUri, UriParams},
};

/// Parameters that must match even when only one side has them.
const DECISIVE: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];

impl SipUri {
    pub(super) fn is_equivalent(&self, other: &SipUri) -> bool {
        self.scheme() == other.scheme()
            && self.host() == other.host()
            && self.port() == other.port()
            && same_text(self.spelled_user(), other.spelled_user())
            && same_text(self.spelled_password(), other.spelled_password())
            && same_params(self.params(), other.params())
            && header_set(self) == header_set(other)
    }
}

/// Users and passwords: case-sensitive, escapes resolved.
fn same_text(a: Option<&str>, b: Option<&str>) -> bool {
    a == b || a.map(unescape) == b.map(unescape)
}

fn same_params(a: &UriParams, b: &UriParams) -> bool {
    let agrees = |ours: &UriParams, theirs: &UriParams| {
        ours.iter().all(|(name, value)| {
            let name = unescape(name);
            match find(theirs, &name) {
                Some(other) => unescape(value.unwrap_or_default()).eq_ignore_ascii_case(&other),
                None => !DECISIVE.iter().any(|decisive| name.eq_ignore_ascii_case(decisive)),
            }
        })
    };
    agrees(a, b) && agrees(b, a)
}

fn find(params: &UriParams, name: &str) -> Option<SmolStr> {
    params
        .iter()
        .find(|(other, _)| unescape(other).eq_ignore_ascii_case(name))
        .map(|(_, value)| unescape(value.unwrap_or_default()))
}

fn header_set(uri: &SipUri) -> BTreeMap<String, SmolStr> {
    uri.header_fields()
        .map(|(name, value)| (unescape(name).to_ascii_lowercase(), unescape(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::wire::Uri;

    fn same(a: &str, b: &str) -> bool {
        let (a, b) = (Uri::parse(a).unwrap(), Uri::parse(b).unwrap());
        assert_eq!(
            a.is_equivalent(&b),
            b.is_equivalent(&a),
            "comparison has two directions"
        );
        a.is_equivalent(&b)
    }

    #[test]
    fn the_pairs_of_rfc_3261_that_are_the_same() {
        assert!(same(
            "sip:%61lice@atlanta.com;transport=TCP",
            "sip:alice@AtLanTa.CoM;Transport=tcp"
        ));
        assert!(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
        assert!(same("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"));
        assert!(same(
            "sip:carol@chicago.com;newparam=5",
            "sip:carol@chicago.com;security=on"
        ));
        assert!(same(
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"
        ));
        assert!(same(
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x"
        ));
    }

    #[test]
    fn the_pairs_of_rfc_3261_that_differ() {
        assert!(!same(
            "SIP:ALICE@AtLanTa.CoM;Transport=udp",
            "sip:alice@AtLanTa.CoM;Transport=UDP"
        ));
        assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
        assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
        assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"));
        assert!(!same(
            "sip:carol@chicago.com",
            "sip:carol@chicago.com?Subject=next%20meeting"
        ));
        assert!(!same(
            "sip:carol@chicago.com;security=on",
            "sip:carol@chicago.com;security=off"
        ));
        assert!(!same("sip:a@h", "sips:a@h"));
        assert!(!same("sip:a@h", "tel:123"));
    }
}
