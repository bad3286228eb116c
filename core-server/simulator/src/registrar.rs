//! Gateways that have registered: where calls for their numbers go (RFC 3261 §10.3). One contact for each account.

use std::{collections::BTreeMap, time::Duration};

use tokio::sync::watch;
use wigwag_sansio::Tick;
use wigwag_sip::{
    transaction::FlowId,
    wire::{
        HeaderName, Request, Response, StatusCode, Uri,
        header::{Contact, Expires},
    },
};

use crate::door::{TAG, reply};

/// How long a registration lasts at most, and where nothing else is asked for, in seconds.
const LONGEST_SECS: u32 = 3600;

/// Where a gateway is reached.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// What it gave as its contact.
    pub(crate) contact: Uri,
    /// How its REGISTER came.
    pub(crate) flow: FlowId,
    until: Tick,
}

/// The registrations, by account.
#[derive(Clone, Debug)]
pub(crate) struct Registrar(watch::Sender<BTreeMap<String, Binding>>);

impl Registrar {
    pub(crate) fn new() -> Registrar {
        Registrar(watch::Sender::new(BTreeMap::new()))
    }

    /// Takes the REGISTER of an account that has proved who it is, and tells what to answer.
    pub(crate) fn register(&self, account: &str, request: &Request, flow: FlowId, now: Tick) -> Response {
        let Ok(contacts) = request.typed_all::<Contact>() else {
            return reply(request, StatusCode::BAD_REQUEST);
        };
        let default = request.typed::<Expires>().ok().flatten();
        let default = default.map_or(LONGEST_SECS, |expires| expires.seconds());
        for contact in &contacts {
            let secs = contact.expires().unwrap_or(default).min(LONGEST_SECS);
            let uri = contact.address().map(|address| address.uri());
            self.0.send_modify(|bindings| match (uri, secs) {
                (None, _) => drop(bindings.remove(account)),
                (Some(uri), 0) => {
                    if bindings.get(account).is_some_and(|binding| binding.contact == *uri) {
                        bindings.remove(account);
                    }
                }
                (Some(uri), secs) => {
                    let binding = Binding {
                        contact: uri.clone(),
                        flow,
                        until: now + Duration::from_secs(secs.into()),
                    };
                    bindings.insert(account.to_owned(), binding);
                }
            });
        }
        let answer = Response::reply_to(request, StatusCode::OK).to_tag(TAG);
        match self.binding(account, now) {
            Some(binding) => {
                let left = binding.until.since(now).as_secs();
                let contact = format!("<{}>;expires={left}", binding.contact);
                answer.raw(HeaderName::Contact, contact).build()
            }
            None => answer.build(),
        }
    }

    /// Where the account is reached, if it is registered.
    pub(crate) fn binding(&self, account: &str, now: Tick) -> Option<Binding> {
        let bindings = self.0.borrow();
        bindings.get(account).filter(|binding| binding.until > now).cloned()
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<BTreeMap<String, Binding>> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sip::{transaction::Link, wire::Method};

    use super::*;

    fn flow() -> FlowId {
        FlowId {
            node: 0,
            link: Link::Connection(1),
        }
    }

    fn register(registrar: &Registrar, contact: &str, expires: u32, now: Tick) -> Response {
        let request = Request::builder(Method::Register, "sip:carrier.example")
            .raw(HeaderName::Contact, contact)
            .raw(HeaderName::Expires, expires.to_string())
            .build();
        registrar.register("exchange", &request, flow(), now)
    }

    #[test]
    fn a_registration_lasts_until_it_ends_or_is_taken_back() {
        let registrar = Registrar::new();
        let start = Tick::ZERO;
        let answer = register(&registrar, "<sip:me@192.0.2.1:5070>", 60, start);
        let contact = answer.header(HeaderName::Contact).unwrap();
        assert_eq!(contact, b"<sip:me@192.0.2.1:5070>;expires=60");
        assert!(registrar.binding("exchange", start + Duration::from_secs(59)).is_some());
        assert!(registrar.binding("exchange", start + Duration::from_secs(60)).is_none());
        assert!(registrar.binding("somebody", start).is_none());
        register(&registrar, "<sip:other@192.0.2.2>", 0, start);
        assert!(registrar.binding("exchange", start).is_some());
        register(&registrar, "*", 0, start);
        assert!(registrar.binding("exchange", start).is_none());
        let answer = register(&registrar, "<sip:me@192.0.2.1>;expires=100000", 0, start);
        let contact = answer.header(HeaderName::Contact).unwrap();
        assert_eq!(contact, b"<sip:me@192.0.2.1>;expires=3600");
    }
}
