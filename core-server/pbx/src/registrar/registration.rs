//! A REGISTER request after parsing and proof of identity.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{DeviceId, limits};
use wigwag_sansio::Now;
use wigwag_sip::wire::{
    Request, SipUri, Uri,
    header::{CSeq, CallId, Contact as ContactHeader, Expires, Path, Transport, UserAgent},
};

use super::{Binding, BindingKey, Reach, Refusal, uses_outbound};

/// Asked for when the device does not say.
const DEFAULT_EXPIRES: Duration = Duration::from_secs(3600);
/// Less than this is refused, unless it is 0.
const LEAST_EXPIRES: Duration = Duration::from_secs(60);
/// More than this is shortened.
const MOST_EXPIRES: Duration = Duration::from_secs(7200);
/// What a phone behind an address translator is given, so that its refreshes keep the way open.
const NAT_EXPIRES: Duration = Duration::from_secs(180);

/// What an authenticated REGISTER asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Whose password it was proved with.
    pub device_id: DeviceId,
    /// What is to be bound.
    pub contacts: Contacts,
    /// Where it came from.
    pub reach: Reach,
    /// Proxies to pass (RFC 3327).
    pub path: Vec<Path>,
    /// What the phone says that it is.
    pub user_agent: Option<SmolStr>,
    /// The request's Call-ID.
    pub call_id: CallId,
    /// The request's number.
    pub cseq: u32,
}

/// The Contact headers of a REGISTER.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Contacts {
    /// None: the device asks what is bound.
    None,
    /// `*`: all bindings of the device go.
    All,
    /// These are bound, refreshed or removed.
    List(Vec<Contact>),
}

/// One contact of a REGISTER.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Tells which binding it is about.
    pub key: BindingKey,
    /// The URI to put into requests to it.
    pub uri: Uri,
    /// For how long; zero removes.
    pub expires: Duration,
}

impl Registration {
    /// Reads a REGISTER that `device_id` has signed and that came over `reach`; `is_ours` knows our own addresses.
    ///
    /// # Errors
    /// Why it cannot be carried out, whatever is bound.
    pub fn read(
        request: &Request,
        device_id: DeviceId,
        reach: Reach,
        is_ours: impl Fn(&SipUri) -> bool,
    ) -> Result<Self, Refusal> {
        let default = request
            .typed::<Expires>()
            .map_err(|_| Refusal::BadContact)?
            .map(|expires| expires.seconds());
        let headers = request.typed_all::<ContactHeader>().map_err(|_| Refusal::BadContact)?;
        let contacts = match headers.as_slice() {
            [] => Contacts::None,
            [ContactHeader::All] if default == Some(0) => Contacts::All,
            headers if headers.contains(&ContactHeader::All) => return Err(Refusal::BadWildcard),
            headers if headers.len() > limits::BINDINGS_PER_EXTENSION => return Err(Refusal::TooManyContacts),
            headers => {
                let outbound = uses_outbound(request)?;
                let read = |header| Contact::read(header, default, &reach, outbound, &is_ours);
                Contacts::List(headers.iter().map(read).collect::<Result<_, _>>()?)
            }
        };
        Ok(Registration {
            device_id,
            contacts,
            path: request.typed_all().map_err(|_| Refusal::BadContact)?,
            user_agent: request
                .typed::<UserAgent>()
                .ok()
                .flatten()
                .map(|agent| agent.to_string().into()),
            call_id: request.require::<CallId>().map_err(|_| Refusal::BadContact)?,
            cseq: request.require::<CSeq>().map_err(|_| Refusal::BadContact)?.number(),
            reach,
        })
    }

    /// Whether a later REGISTER than this one made `binding` (RFC 3261 §10.3 step 7).
    pub(super) fn is_older_than(&self, binding: &Binding) -> bool {
        self.call_id == binding.call_id && self.cseq <= binding.cseq
    }

    pub(super) fn binding(&self, contact: &Contact, now: Now) -> Binding {
        Binding {
            key: contact.key.clone(),
            device_id: self.device_id,
            contact: contact.uri.clone(),
            reach: self.reach.clone(),
            path: self.path.clone(),
            user_agent: self.user_agent.clone(),
            call_id: self.call_id.clone(),
            cseq: self.cseq,
            registered_at: now.utc,
            expires: now.tick + contact.expires,
            expires_at: now.utc + contact.expires,
        }
    }
}

impl Contact {
    fn read(
        header: &ContactHeader,
        default: Option<u32>,
        reach: &Reach,
        outbound: bool,
        is_ours: impl Fn(&SipUri) -> bool,
    ) -> Result<Self, Refusal> {
        let uri = header
            .address()
            .map(|address| address.uri().clone())
            .ok_or(Refusal::BadContact)?;
        let sip = uri.as_sip().filter(|sip| !is_ours(sip)).ok_or(Refusal::BadContact)?;
        let key = match header.instance() {
            Some(instance) => BindingKey::of_instance(instance, header.reg_id().filter(|_| outbound)),
            None => BindingKey::of_source(
                &sip.user().unwrap_or_default(),
                &reach.transport,
                *reach.remote.expose(),
            ),
        };
        let translated = sip.host().ip() != Some(reach.remote.expose().ip());
        // Keep-alives do it, theirs or ours.
        let is_kept_open = outbound || matches!(reach.transport, Transport::Ws | Transport::Wss);
        let asked = header
            .expires()
            .or(default)
            .map_or(DEFAULT_EXPIRES, |secs| Duration::from_secs(secs.into()));
        let expires = match asked {
            Duration::ZERO => Duration::ZERO,
            brief if brief < LEAST_EXPIRES => return Err(Refusal::IntervalTooBrief),
            asked => asked.min(if translated && !is_kept_open {
                NAT_EXPIRES
            } else {
                MOST_EXPIRES
            }),
        };
        Ok(Contact { key, uri, expires })
    }
}
