//! Calls that are running now.

use serde::{Deserialize, Serialize};
use wigwag_sansio::Pii;

use super::{PartyView, Timestamp};
use crate::{CallDirection, CallId, DeviceId, ExtensionId, LegRole};

/// A call that is running now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveCall {
    /// The call; the history knows it by the same identity afterwards.
    pub id: CallId,
    /// Seen from the company.
    pub direction: CallDirection,
    /// Who calls.
    pub caller: PartyView,
    /// What was dialled.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub dialled: Pii<String>,
    /// Who is called, as far as known.
    pub callee: Option<PartyView>,
    /// When the attempt was made.
    pub started_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// The phones that take part, the caller first.
    pub legs: Vec<LiveLeg>,
}

/// One phone's part in a running call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveLeg {
    /// Its number in the call.
    pub leg: u16,
    /// Which side it is.
    pub role: LegRole,
    /// The extension whose phone it is.
    pub extension_id: Option<ExtensionId>,
    /// The device, where known.
    pub device_id: Option<DeviceId>,
    /// What it is doing.
    pub state: LiveLegState,
}

/// What a leg is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LiveLegState {
    /// It is being reached.
    Trying,
    /// It rings, or hears ringing.
    Ringing,
    /// It talks.
    Answered,
    /// It has put the other side on hold.
    Holding,
    /// Its connection is lost and may come back.
    Detached,
}

impl LiveCall {
    /// Whether `extension` is one of its sides or has a phone in it.
    pub fn involves(&self, extension: ExtensionId) -> bool {
        let is_party = |party: &PartyView| party.extension_id == Some(extension);
        is_party(&self.caller)
            || self.callee.as_ref().is_some_and(is_party)
            || self.legs.iter().any(|leg| leg.extension_id == Some(extension))
    }
}
