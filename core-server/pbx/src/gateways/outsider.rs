//! Who calls from outside, as a carrier tells (RFC 3323, RFC 3325, NICC ND1016).

use wigwag_model::{GatewaySettings, IdentityHeader, limits};
use wigwag_sansio::Pii;
use wigwag_sip::wire::{
    Request,
    header::{From, NameAddr, PAssertedIdentity, Privacy, RemotePartyId},
};

use super::number::read;
use crate::routing::{NoNumber, Outsider};

/// Users of addresses that stand for a caller who wants to stay unknown.
const WITHHELD: [&str; 4] = ["anonymous", "withheld", "restricted", "private"];

/// Who calls: the presentation number is in From, the network's in P-Asserted-Identity, which stands in for it.
pub fn outsider(settings: &GatewaySettings, request: &Request) -> Outsider {
    let remote: Vec<RemotePartyId> = request.typed_all().unwrap_or_default();
    let remote = remote.into_iter().find(|party| {
        let side = party.params().get("party");
        side.is_none_or(|side| side.eq_ignore_ascii_case("calling"))
    });
    let from: Option<From> = request.typed().ok().flatten();
    let privacy: Option<Privacy> = request.typed().ok().flatten();
    let is_withheld = privacy.is_some_and(|privacy| privacy.hides_identity())
        || remote.as_ref().is_some_and(RemotePartyId::is_private)
        || from.as_ref().is_some_and(|from| is_anonymous(from));
    if is_withheld {
        return Outsider {
            number: Err(NoNumber::Withheld),
            name: None,
        };
    }
    let asserted: Vec<PAssertedIdentity> = request.typed_all().unwrap_or_default();
    let from: Option<&NameAddr> = from.as_deref();
    let remote: Option<&NameAddr> = remote.as_deref();
    let asserted = || asserted.iter().map(|identity| &**identity);
    let said: Vec<&NameAddr> = match settings.identity {
        IdentityHeader::PAssertedIdentity | IdentityHeader::From => {
            from.into_iter().chain(asserted()).chain(remote).collect()
        }
        IdentityHeader::RemotePartyId => remote.into_iter().chain(from).chain(asserted()).collect(),
    };
    let number = said
        .iter()
        .find_map(|address| read(settings.number_format, &address.uri().user()?));
    let name = said.iter().find_map(|address| name(settings, address));
    Outsider {
        number: number.ok_or(NoNumber::Unavailable),
        name: name.map(Pii::new),
    }
}

fn is_anonymous(from: &NameAddr) -> bool {
    let is_invalid = from.uri().host().and_then(|host| host.name()) == Some("anonymous.invalid");
    let user = from.uri().user().unwrap_or_default();
    is_invalid || WITHHELD.iter().any(|word| user.eq_ignore_ascii_case(word))
}

/// The name in an address, unless it only repeats a number.
fn name(settings: &GatewaySettings, address: &NameAddr) -> Option<String> {
    let display = address.display()?.trim();
    let text: String = display
        .chars()
        .filter(|c| !c.is_control())
        .take(limits::NAME_CHARS)
        .collect();
    let repeats =
        read(settings.number_format, &text).is_some() || address.uri().user().is_some_and(|user| user == text);
    (!text.is_empty() && !repeats).then_some(text)
}

#[cfg(test)]
pub(super) mod testing {
    use wigwag_sip::wire::{Message, Request};

    /// An INVITE with these headers beside the ones that every request has.
    pub(in crate::gateways) fn invite(uri: &str, headers: &[&str]) -> Request {
        let has = |name: &str| headers.iter().any(|header| header.starts_with(name));
        let mut text = format!("INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP c.example;branch=z9hG4bK1\r\n");
        text += "Call-ID: 1\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n";
        if !has("From:") {
            text += "From: <sip:+441632960001@c.example>;tag=1\r\n";
        }
        if !has("To:") {
            text += "To: <sip:x@y>\r\n";
        }
        headers.iter().for_each(|header| text += &format!("{header}\r\n"));
        match Message::parse(bytes::Bytes::from(text + "Content-Length: 0\r\n\r\n")) {
            Ok(Message::Request(request)) => request,
            other => panic!("that is a request: {other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{testing::invite, *};

    fn reads(headers: &[&str]) -> (Result<String, NoNumber>, Option<String>) {
        let settings = GatewaySettings::new("Carrier", "c.example");
        let outsider = outsider(&settings, &invite("sip:+441632960123@h", headers));
        let name = outsider.name.map(|name| name.expose().clone());
        (outsider.number.map(|number| number.to_string()), name)
    }

    const FROM: &str = "From: \"Alice\" <sip:07700900123@c.example>;tag=1";
    const ASSERTED: &str = "P-Asserted-Identity: <tel:+441632960001>";

    #[test]
    fn the_presentation_number_comes_before_that_of_the_network() {
        let alice = Some("Alice".to_owned());
        assert_eq!(reads(&[FROM, ASSERTED]), (Ok("+447700900123".to_owned()), alice));
        let nameless = "From: <sip:unknown@c.example>;tag=1";
        assert_eq!(reads(&[nameless, ASSERTED]), (Ok("+441632960001".to_owned()), None));
        assert_eq!(reads(&[nameless]), (Err(NoNumber::Unavailable), None));
    }

    #[test]
    fn whoever_wants_to_stay_unknown_does() {
        let withheld = (Err(NoNumber::Withheld), None);
        assert_eq!(reads(&[FROM, ASSERTED, "Privacy: id"]), withheld);
        assert_eq!(
            reads(&["From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1", ASSERTED]),
            withheld
        );
        let remote = "Remote-Party-ID: <sip:07700900123@c>;party=calling;privacy=full";
        assert_eq!(reads(&[FROM, remote]), withheld);
        assert_eq!(reads(&[FROM, "Privacy: none"]).0, Ok("+447700900123".to_owned()));
    }

    #[test]
    fn a_name_that_repeats_the_number_is_none() {
        let from = "From: \"07700 900123\" <sip:+447700900123@c.example>;tag=1";
        assert_eq!(reads(&[from]), (Ok("+447700900123".to_owned()), None));
    }
}
