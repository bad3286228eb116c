//! What a REGISTER is answered with (RFC 3261 §10.3).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_model::limits;
use wigwag_sansio::Now;
use wigwag_sip::wire::{Uri, header::CallId};

use super::{Binding, BindingKey};

/// The answer to a REGISTER.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// 200 with these contacts.
    Bindings(Vec<Bound>),
    /// Refused; nothing has changed.
    Refused(Refusal),
}

/// A contact that is bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// The contact.
    pub contact: Uri,
    /// Until it ends unless refreshed.
    pub left: Duration,
    /// Which device's it is.
    pub key: BindingKey,
    /// The Call-ID that it was registered with.
    pub call_id: CallId,
}

/// Why a REGISTER was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Five other devices are connected and alive (A47).
    TooManyDevices,
    /// A later request has been seen already (§10.3 step 7).
    OutOfOrder,
    /// The time asked for is too short (§10.3 step 7).
    IntervalTooBrief,
    /// `*` without `Expires: 0`, or together with other contacts (§10.3 step 6).
    BadWildcard,
    /// More contacts in one request than an extension may have.
    TooManyContacts,
    /// A contact that is no SIP address, or one of our own.
    BadContact,
    /// It wants a flow of its own, but comes through a proxy that keeps none (RFC 5626 §6).
    FirstHopLacksOutbound,
}

impl Refusal {
    /// The SIP status and reason phrase.
    pub fn status(self) -> (u16, &'static str) {
        match self {
            Refusal::TooManyDevices => (403, "Five Devices Connected Already"),
            Refusal::OutOfOrder => (500, "Out Of Order"),
            Refusal::IntervalTooBrief => (423, "Interval Too Brief"),
            Refusal::BadWildcard => (400, "Wildcard Contact Needs Expires 0"),
            Refusal::TooManyContacts => (403, "Too Many Contacts"),
            Refusal::BadContact => (400, "Contact Cannot Be Called"),
            Refusal::FirstHopLacksOutbound => (439, "First Hop Lacks Outbound Support"),
        }
    }
}

impl Answer {
    pub(super) fn bindings<'a>(bindings: impl Iterator<Item = &'a Binding>, now: Now) -> Self {
        let bound = bindings.map(|binding| Bound {
            contact: binding.contact.clone(),
            left: binding.expires - now.tick,
            key: binding.key.clone(),
            call_id: binding.call_id.clone(),
        });
        Answer::Bindings(bound.take(limits::BINDINGS_PER_EXTENSION).collect())
    }
}
