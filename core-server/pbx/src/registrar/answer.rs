//! What a REGISTER is answered with (RFC 3261 §10.3).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wigwag_model::limits;
use wigwag_sansio::Now;
use wigwag_sip::wire::Uri;

use super::Binding;

/// The answer to a REGISTER.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// 200 with these contacts and the time that each has left.
    Bindings(Vec<(Uri, Duration)>),
    /// Refused; nothing has changed.
    Refused(Refusal),
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
        }
    }
}

impl Answer {
    pub(super) fn bindings<'a>(bindings: impl Iterator<Item = &'a Binding>, now: Now) -> Self {
        let contacts = bindings.map(|binding| (binding.contact.clone(), binding.expires - now.tick));
        Answer::Bindings(contacts.take(limits::BINDINGS_PER_EXTENSION).collect())
    }
}
