//! A leg between two calls, and where it wants to go.

use serde::{Deserialize, Serialize};
use wigwag_model::{ExtensionId, LegId, Party, RingGroupId};
use wigwag_sansio::Tick;
use wigwag_sip::{session::SessionKey, wire::header::Replaces};

use super::super::{Leg, offer::CallerOffer};
use crate::{call::Who, presence, routing::PickUp};

/// A leg that has left its call and waits to be taken by another one.
#[derive(Debug, Serialize, Deserialize)]
pub struct Released {
    pub(in crate::call) leg: Leg,
    /// Who it is, as others see it.
    pub(in crate::call) party: Party,
    /// What it said about its sound, and whether it has been answered.
    pub(in crate::call) offer: CallerOffer,
}

/// The call that a leg wants to join, for the shell to find in the same company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sought {
    /// The one with this dialog, one of whose sides shall be replaced: by a phone that asks for itself (RFC 3891 §3).
    Dialog(Replaces),
    /// The same, for somebody who is sent there (RFC 5589 §7).
    Consulted(Replaces),
    /// One that rings (A08).
    Ringing(PickUp),
    /// The one that a lamp shows.
    Lamp(presence::PickUp),
    /// The one that is parked there.
    Parked(u8),
}

/// What a leg is to do in the call that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Take the place of a leg.
    Replace {
        /// Which.
        leg: LegId,
        /// Its dialog.
        dialog: Replaces,
        /// Whether it is sent there by whom it replaces, who may still be waiting for an answer.
        is_sent: bool,
    },
    /// Answer in the place of the phones that ring.
    PickUp(PickUp),
    /// Speak with whom is parked there.
    Fetch(u8),
}

/// A call that rings and may be answered from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rings {
    /// Since when.
    pub since: Tick,
    /// The extensions whose phones ring.
    pub at: Vec<ExtensionId>,
    /// The ring group whose members they are.
    pub group: Option<RingGroupId>,
}

impl Released {
    /// What finds the leg's messages.
    pub fn session(&self) -> &SessionKey {
        self.leg.session.key()
    }

    /// Who is at its other end.
    pub fn who(&self) -> Who {
        self.leg.who
    }

    pub(in crate::call) fn is_answered(&self) -> bool {
        matches!(self.offer, CallerOffer::Answered(_))
    }
}

impl Rings {
    /// Whether somebody who picks up so takes this call.
    pub fn is_wanted(&self, which: &PickUp) -> bool {
        match which {
            PickUp::Any => true,
            PickUp::InGroups(groups) => self.group.is_some_and(|group| groups.contains(&group)),
            PickUp::At(extension) => self.at.contains(extension),
        }
    }
}
