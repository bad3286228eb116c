//! Which number a call from a carrier is for (RFC 7315 §4.2).

use wigwag_model::{GatewaySettings, PhoneNumber};
use wigwag_sip::wire::{
    HeaderName, Request,
    header::{NameAddr, To},
};

use super::number::read;

/// Header that no other part of the exchange knows.
const P_CALLED_PARTY_ID: &str = "P-Called-Party-ID";

/// The numbers that an INVITE of a carrier may be for, the likeliest first: what was called in the first place is in the
/// Request-URI, unless that is only where we registered.
pub fn called<'r>(settings: &'r GatewaySettings, request: &'r Request) -> impl Iterator<Item = PhoneNumber> + 'r {
    let target = || request.uri().ok().and_then(|uri| uri.user());
    let party = || {
        let name = HeaderName::new(P_CALLED_PARTY_ID).ok()?;
        NameAddr::parse(request.header(name)?).ok()?.uri().user()
    };
    let to = || request.typed::<To>().ok().flatten()?.uri().user();
    let users = [target(), party(), to()].into_iter().flatten();
    users.filter_map(|user| read(settings.number_format, &user))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::outsider::testing::invite;

    fn reads(uri: &str, headers: &[&str]) -> Vec<String> {
        let settings = GatewaySettings::new("Carrier", "c.example");
        called(&settings, &invite(uri, headers))
            .map(|number| number.to_string())
            .collect()
    }

    #[test]
    fn the_request_uri_comes_first_and_to_last() {
        let to = "To: <sip:01632960100@here.example>";
        assert_eq!(
            reads("sip:+441632960123@here.example;user=phone", &[to]),
            ["+441632960123", "+441632960100"]
        );
        let party = "P-Called-Party-ID: <sip:+441632960199@here.example>";
        assert_eq!(
            reads("sip:wigwag@192.0.2.1", &[to, party]),
            ["+441632960199", "+441632960100"]
        );
        assert_eq!(reads("tel:+44-1632-960123", &["To: <sip:x@y>"]), ["+441632960123"]);
    }
}
