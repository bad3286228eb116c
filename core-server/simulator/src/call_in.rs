//! A call that the carrier makes to an exchange, and its INVITE (RFC 3261 §8.1.1, RFC 3323, RFC 3325, RFC 5806). Pure.

use std::{net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wigwag_media::{DtmfDigit, OpenError};
use wigwag_model::{IdentityHeader, NumberFormat};
use wigwag_sip::{
    session::{Extra, Outgoing, Sdp},
    wire::{
        HeaderName, Host, Scheme, SipUri, Uri,
        header::{CallId, From, NameAddr, To},
    },
};
use wigwag_sip_io::SendError;

use crate::{
    behaviour::{Sound, Step},
    number::written,
};

/// A call that the carrier makes to an exchange.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallIn {
    /// The number that is called, best in E.164 with its plus: it is written as `format` says.
    pub to: String,
    /// How the exchange is reached.
    pub over: Way,
    /// Who calls.
    #[serde(default)]
    pub from: Caller,
    /// The caller's name, as networks with names say it.
    #[serde(default)]
    pub name: Option<String>,
    /// The number of the caller's line, where it is another than the one to be shown, or where that one is withheld.
    #[serde(default)]
    pub network_number: Option<String>,
    /// Which header carries the caller's identity.
    #[serde(default)]
    pub identity: IdentityHeader,
    /// How numbers are written.
    #[serde(default)]
    pub format: NumberFormat,
    /// Where the called number stands.
    #[serde(default)]
    pub called_in: CalledIn,
    /// The number that has diverted the call here.
    #[serde(default)]
    pub diverted_by: Option<String>,
    /// Whether the INVITE has no offer, so that the exchange has to make one.
    #[serde(default)]
    pub without_offer: bool,
    /// What the caller says once there is an answer.
    #[serde(default = "default_sound")]
    pub says: Sound,
    /// Keys that the caller presses once there is an answer (RFC 4733); `,` is a pause of one second.
    #[serde(default)]
    pub keys: String,
    /// How long after the answer, and the keys, the caller hangs up, in milliseconds.
    #[serde(default)]
    pub hang_up_after_ms: Option<u64>,
}

/// How an exchange is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// At this address by UDP.
    Udp(SocketAddr),
    /// At this address by TCP.
    Tcp(SocketAddr),
    /// Over the registration of this account.
    Registration(String),
}

/// Who calls, as far as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// Somebody with this number.
    Number(String),
    /// Somebody who does not want to be known: `network_number` travels with `Privacy: id`.
    Withheld,
    /// Nobody knows.
    Unavailable,
}

/// Where the called number stands in an INVITE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalledIn {
    /// In the Request-URI, and in To.
    #[default]
    RequestUri,
    /// In To alone: the Request-URI is the contact that was registered, or has no user part.
    To,
}

/// Why a call was not made.
#[derive(Debug, Error)]
pub enum CallError {
    /// There is no number to call.
    #[error("there is no number to call")]
    NoNumber,
    /// A key is none of the sixteen.
    #[error("there is no such key")]
    NoSuchKey,
    /// The account has not registered.
    #[error("the account has not registered")]
    NotRegistered,
    /// The carrier has as many calls as it may have.
    #[error("too many calls")]
    TooMany,
    /// The INVITE finds no way.
    #[error("no way to the exchange")]
    NoWay(#[from] SendError),
    /// There is no port for the sound.
    #[error("no port for the sound")]
    NoPort(#[from] OpenError),
    /// The carrier has ended.
    #[error("the carrier has ended")]
    Ended,
}

impl Default for Caller {
    fn default() -> Self {
        Caller::Number("+441632960001".to_owned())
    }
}

impl CallIn {
    /// A call to this number over this way, from +441632960001, who says a tone of 600 Hz.
    #[must_use]
    pub fn new(to: &str, over: Way) -> CallIn {
        CallIn {
            to: to.to_owned(),
            over,
            from: Caller::default(),
            name: None,
            network_number: None,
            identity: IdentityHeader::default(),
            format: NumberFormat::default(),
            called_in: CalledIn::default(),
            diverted_by: None,
            without_offer: false,
            says: default_sound(),
            keys: String::new(),
            hang_up_after_ms: None,
        }
    }

    /// The same from this number.
    #[must_use]
    pub fn from(mut self, number: &str) -> CallIn {
        self.from = Caller::Number(number.to_owned());
        self
    }

    /// What the caller does once there is an answer.
    pub(crate) fn steps(&self) -> Result<Vec<Step>, CallError> {
        let mut steps = vec![Step::AwaitAnswer, Step::Say(self.says)];
        for key in self.keys.chars() {
            steps.push(match key {
                ',' => Step::Wait(Duration::from_secs(1)),
                key => Step::Press(DtmfDigit::from_char(key).ok_or(CallError::NoSuchKey)?),
            });
        }
        if let Some(ms) = self.hang_up_after_ms {
            steps.extend([Step::Wait(Duration::from_millis(ms)), Step::HangUp]);
        }
        Ok(steps)
    }

    /// The call for a session: to `target`, made by a carrier with the name `domain`.
    pub(crate) fn outgoing(
        &self,
        target: SipUri,
        domain: &Host,
        call_id: CallId,
        sdp: Option<Sdp>,
    ) -> Result<Outgoing, CallError> {
        let called = written(&self.to, self.format);
        if called.is_empty() {
            return Err(CallError::NoNumber);
        }
        let request_uri = match self.called_in {
            CalledIn::RequestUri => target.clone().with_user(&called),
            CalledIn::To => target.clone(),
        };
        Ok(Outgoing {
            request_uri: Uri::Sip(request_uri),
            from: From::new(self.shown(domain)),
            to: To::new(NameAddr::new(Uri::Sip(target.with_user(&called)))),
            call_id,
            routes: Vec::new(),
            max_forwards: 70,
            headers: self.headers(domain),
            sdp: sdp.filter(|_| !self.without_offer),
        })
    }

    /// What is shown to the called person.
    fn shown(&self, domain: &Host) -> NameAddr {
        match &self.from {
            Caller::Number(number) => self.named(self.address(number, domain)),
            Caller::Withheld => {
                let uri = Uri::parse("sip:anonymous@anonymous.invalid").expect("RFC 3323 §4.1.1.3 has it");
                NameAddr::new(uri).with_display("Anonymous")
            }
            Caller::Unavailable => NameAddr::new(Uri::parse("sip:unavailable@unknown.invalid").expect("it is a URI")),
        }
    }

    fn headers(&self, domain: &Host) -> Vec<Extra> {
        let mut headers = Vec::new();
        let is_withheld = self.from == Caller::Withheld;
        let shown = match &self.from {
            Caller::Number(number) => Some(number),
            Caller::Withheld | Caller::Unavailable => None,
        };
        let line = self.network_number.as_ref().or(shown);
        let line = line.map(|number| self.named(self.address(number, domain)));
        match (self.identity, line) {
            (IdentityHeader::PAssertedIdentity, Some(line)) => {
                headers.push(Extra::new(HeaderName::PAssertedIdentity, line.to_string()));
            }
            (IdentityHeader::RemotePartyId, Some(line)) => {
                let privacy = if is_withheld { "full" } else { "off" };
                let party = line.with_param("party", "calling").with_param("screen", "yes");
                let value = party.with_param("privacy", privacy).to_string();
                headers.push(Extra::new(HeaderName::RemotePartyId, value));
            }
            (IdentityHeader::From, _) | (_, None) => {}
        }
        if is_withheld {
            headers.push(Extra::new(HeaderName::Privacy, "id"));
        }
        if let Some(number) = &self.diverted_by {
            let address = NameAddr::new(self.address(number, domain)).with_param("reason", "unconditional");
            headers.push(Extra::new(HeaderName::Diversion, address.to_string()));
        }
        headers
    }

    fn named(&self, uri: Uri) -> NameAddr {
        NameAddr::new(uri).with_display(self.name.as_deref().unwrap_or_default())
    }

    fn address(&self, number: &str, domain: &Host) -> Uri {
        let uri = SipUri::new(Scheme::Sip, domain.clone());
        Uri::Sip(uri.with_user(&written(number, self.format)))
    }
}

fn default_sound() -> Sound {
    Sound::Tone(600)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(call: &CallIn) -> String {
        let target = SipUri::new(Scheme::Sip, Host::parse("192.0.2.1").unwrap()).with_port(Some(5070));
        let domain = Host::parse("carrier.example").unwrap();
        let made = call.outgoing(target, &domain, CallId::new("x").unwrap(), None).unwrap();
        let headers = made.headers.iter();
        let headers: Vec<String> = headers
            .map(|extra| format!("{}: {}", extra.name, String::from_utf8_lossy(&extra.value)))
            .collect();
        format!(
            "{} | {} | {} | {}",
            made.request_uri,
            made.from,
            made.to,
            headers.join(" | ")
        )
    }

    fn call() -> CallIn {
        CallIn::new("+441632960500", Way::Udp(([192, 0, 2, 1], 5070).into())).from("+447700900123")
    }

    #[test]
    fn a_caller_is_told_in_the_header_and_the_format_that_the_carrier_uses() {
        assert_eq!(
            made(&call()),
            "sip:+441632960500@192.0.2.1:5070 | <sip:+447700900123@carrier.example> | \
             <sip:+441632960500@192.0.2.1:5070> | P-Asserted-Identity: <sip:+447700900123@carrier.example>"
        );
        let other = CallIn {
            identity: IdentityHeader::RemotePartyId,
            format: NumberFormat::National,
            name: Some("Ann".to_owned()),
            called_in: CalledIn::To,
            ..call()
        };
        assert_eq!(
            made(&other),
            "sip:192.0.2.1:5070 | \"Ann\" <sip:07700900123@carrier.example> | <sip:01632960500@192.0.2.1:5070> | \
             Remote-Party-ID: \"Ann\" <sip:07700900123@carrier.example>;party=calling;screen=yes;privacy=off"
        );
    }

    #[test]
    fn who_withholds_a_number_is_known_to_the_network_alone() {
        let withheld = CallIn {
            from: Caller::Withheld,
            network_number: Some("+447700900123".to_owned()),
            ..call()
        };
        let made_withheld = made(&withheld);
        assert!(
            made_withheld.contains("| \"Anonymous\" <sip:anonymous@anonymous.invalid> |"),
            "{made_withheld}"
        );
        let headers = "| P-Asserted-Identity: <sip:+447700900123@carrier.example> | Privacy: id";
        assert!(made_withheld.ends_with(headers), "{made_withheld}");
        let unavailable = CallIn {
            from: Caller::Unavailable,
            diverted_by: Some("+441632960700".to_owned()),
            ..call()
        };
        let made_unavailable = made(&unavailable);
        assert!(
            made_unavailable.ends_with("| Diversion: <sip:+441632960700@carrier.example>;reason=unconditional"),
            "{made_unavailable}"
        );
        assert!(!made_unavailable.contains("7700900123"), "{made_unavailable}");
    }

    #[test]
    fn what_is_no_key_or_no_number_is_refused() {
        let keys = |keys: &str| CallIn {
            keys: keys.to_owned(),
            ..call()
        };
        assert_eq!(keys("1,#").steps().unwrap().len(), 5);
        assert!(matches!(keys("1x").steps(), Err(CallError::NoSuchKey)));
        let nobody = CallIn {
            to: String::new(),
            ..call()
        };
        let target = SipUri::new(Scheme::Sip, Host::parse("192.0.2.1").unwrap());
        let made = nobody.outgoing(target.clone(), target.host(), CallId::new("x").unwrap(), None);
        assert!(matches!(made, Err(CallError::NoNumber)));
    }
}
