//! What a carrier is told of a call: whom it is for, from whom, and from where it was sent on (RFC 3323, RFC 3325,
//! RFC 5806, RFC 7044).

use serde::{Deserialize, Serialize};
use wigwag_model::{GatewaySettings, IdentityHeader, PhoneNumber};
use wigwag_sansio::{Pii, Secret};
use wigwag_sip::{
    digest::Login,
    session::{Credentials, Extra},
    wire::{
        HeaderName, Host, Scheme, SipUri, Uri,
        header::{Diversion, NameAddr, PAssertedIdentity, RemotePartyId},
    },
};

use super::number::{formatted, written};
use crate::routing::{Outside, OutsideNumber};

/// The host of a caller who is not to be known (RFC 3323 §4.1.1.3).
const ANONYMOUS_HOST: &str = "anonymous.invalid";

/// What an INVITE to a carrier says, beside what every INVITE does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Whom to reach, at the carrier.
    pub request_uri: Uri,
    /// As whom.
    pub from: NameAddr,
    /// Further headers.
    pub headers: Vec<Extra>,
    /// What challenges are answered with.
    pub credentials: Option<Credentials>,
    /// The number that is called, where it is a public one.
    pub called: Option<PhoneNumber>,
}

/// The letter for `outside` to the carrier behind `settings`; `domain` is that of our own addresses.
pub fn letter(settings: &GatewaySettings, outside: &Outside, domain: &Host) -> Letter {
    let pen = Pen { settings, domain };
    let called = pen.there(&written(settings, &outside.number));
    let mut headers = pen.identity(outside);
    if let Some(number) = &outside.diverted_from {
        headers.extend(pen.diverted(number, &called));
    }
    Letter {
        from: pen.from(outside),
        request_uri: called.into(),
        headers,
        credentials: credentials(settings),
        called: match &outside.number {
            OutsideNumber::Public(number) => Some(number.clone()),
            OutsideNumber::Short(_) | OutsideNumber::Emergency(_) => None,
        },
    }
}

/// What the carrier's challenges are answered with, whatever realm it names.
pub(super) fn credentials(settings: &GatewaySettings) -> Option<Credentials> {
    settings.credentials.as_ref().map(|credentials| Credentials {
        realm: None,
        login: Login {
            username: Pii::new(credentials.username.to_string()),
            password: Secret::new(credentials.password.expose().clone()),
        },
    })
}

/// The carrier's own address.
pub(super) fn carrier(settings: &GatewaySettings) -> SipUri {
    let host = Host::parse(&settings.host).unwrap_or(Host::V4(std::net::Ipv4Addr::UNSPECIFIED));
    SipUri::new(Scheme::Sip, host).with_port(settings.port)
}

struct Pen<'a> {
    settings: &'a GatewaySettings,
    domain: &'a Host,
}

impl Pen<'_> {
    fn there(&self, number: &str) -> SipUri {
        carrier(self.settings)
            .with_user(number)
            .with_param("user", Some("phone"))
    }

    fn here(&self, number: &PhoneNumber) -> SipUri {
        let number = formatted(self.settings.number_format, number);
        SipUri::new(Scheme::Sip, self.domain.clone())
            .with_user(&number)
            .with_param("user", Some("phone"))
    }

    /// Where From is all that the carrier reads, it tells the network's number also of callers who are not to be known.
    fn from(&self, outside: &Outside) -> NameAddr {
        let identity = &outside.identity;
        let number = match self.settings.identity {
            IdentityHeader::From => identity.shown.as_ref().or(identity.network.as_ref()),
            IdentityHeader::PAssertedIdentity | IdentityHeader::RemotePartyId => identity.shown.as_ref(),
        };
        match (number, &identity.network, &self.settings.credentials) {
            (Some(number), _, _) => NameAddr::new(self.here(number)),
            (None, None, Some(credentials)) => {
                NameAddr::new(SipUri::new(Scheme::Sip, self.domain.clone()).with_user(&credentials.username))
            }
            (None, _, _) => {
                let host = Host::parse(ANONYMOUS_HOST).expect("a host name");
                NameAddr::new(SipUri::new(Scheme::Sip, host).with_user("anonymous")).with_display("Anonymous")
            }
        }
    }

    fn identity(&self, outside: &Outside) -> Vec<Extra> {
        let Some(network) = &outside.identity.network else {
            return Vec::new();
        };
        let network = NameAddr::new(self.here(network));
        let is_withheld = outside.identity.shown.is_none();
        let identity = match self.settings.identity {
            IdentityHeader::PAssertedIdentity => {
                let asserted = PAssertedIdentity::new(network);
                Some(Extra::new(HeaderName::PAssertedIdentity, asserted.to_string()))
            }
            IdentityHeader::RemotePartyId => {
                let privacy = if is_withheld { "full" } else { "off" };
                let party = RemotePartyId::new(network.with_param("party", "calling").with_param("privacy", privacy));
                let party = RemotePartyId::new(party.0.with_param("screen", "yes"));
                Some(Extra::new(HeaderName::RemotePartyId, party.to_string()))
            }
            IdentityHeader::From => None,
        };
        let privacy = is_withheld.then(|| Extra::new(HeaderName::Privacy, "id".to_owned()));
        identity.into_iter().chain(privacy).collect()
    }

    /// That the call was for `number` before it was sent on to `called`.
    fn diverted(&self, number: &PhoneNumber, called: &SipUri) -> [Extra; 2] {
        let from = NameAddr::new(self.here(number));
        let history = format!("{};index=1, {};index=1.1;mp=1", from, NameAddr::new(called.clone()));
        let diversion = Diversion::new(from.with_param("reason", "unconditional").with_param("counter", "1"));
        [
            Extra::new(HeaderName::Diversion, diversion.to_string()),
            Extra::new(HeaderName::HistoryInfo, history),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::Identity;

    fn number(text: &str) -> PhoneNumber {
        text.parse().expect("a number")
    }

    fn told(identity: IdentityHeader, shown: Option<&str>, diverted: Option<&str>) -> Vec<String> {
        let mut settings = GatewaySettings::new("Carrier", "sip.carrier.example");
        settings.identity = identity;
        let outside = Outside {
            number: OutsideNumber::Public(number("07700 900123")),
            identity: Identity {
                shown: shown.map(number),
                network: Some(number("01632 960100")),
            },
            diverted_from: diverted.map(number),
        };
        let letter = letter(&settings, &outside, &Host::parse("pbx.example").expect("a host"));
        assert_eq!(
            letter.request_uri.to_string(),
            "sip:+447700900123@sip.carrier.example;user=phone"
        );
        let text = |extra: &Extra| format!("{}: {}", extra.name.as_str(), String::from_utf8_lossy(&extra.value));
        let headers = letter.headers.iter().map(text);
        std::iter::once(format!("From: {}", letter.from))
            .chain(headers)
            .collect()
    }

    const OWN: &str = "<sip:+441632960100@pbx.example;user=phone>";

    #[test]
    fn the_network_sees_the_companys_number_and_the_called_side_the_one_shown() {
        let asserted = format!("P-Asserted-Identity: {OWN}");
        assert_eq!(
            told(IdentityHeader::PAssertedIdentity, Some("020 7946 0000"), None),
            ["From: <sip:+442079460000@pbx.example;user=phone>", &asserted]
        );
        let remote = format!("Remote-Party-ID: {OWN};party=calling;privacy=off;screen=yes");
        assert_eq!(
            told(IdentityHeader::RemotePartyId, Some("01632 960100"), None),
            [format!("From: {OWN}"), remote]
        );
        assert_eq!(
            told(IdentityHeader::From, Some("01632 960100"), None),
            [format!("From: {OWN}")]
        );
    }

    #[test]
    fn a_withheld_number_is_told_to_the_network_alone() {
        let anonymous = "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>";
        assert_eq!(
            told(IdentityHeader::PAssertedIdentity, None, None),
            [anonymous, &format!("P-Asserted-Identity: {OWN}"), "Privacy: id"]
        );
        let remote = format!("Remote-Party-ID: {OWN};party=calling;privacy=full;screen=yes");
        assert_eq!(
            told(IdentityHeader::RemotePartyId, None, None),
            [anonymous, &remote, "Privacy: id"]
        );
        assert_eq!(
            told(IdentityHeader::From, None, None),
            [format!("From: {OWN}"), "Privacy: id".to_owned()]
        );
    }

    #[test]
    fn a_call_that_was_sent_on_says_from_where() {
        let told = told(IdentityHeader::From, Some("01632 960100"), Some("01632 960100"));
        let there = "<sip:+447700900123@sip.carrier.example;user=phone>";
        assert_eq!(told[1], format!("Diversion: {OWN};reason=unconditional;counter=1"));
        assert_eq!(told[2], format!("History-Info: {OWN};index=1, {there};index=1.1;mp=1"));
    }
}
