//! Hot desks and PINs in the API (A12, A27).

use serde::{Deserialize, Serialize};
use wigwag_sansio::Secret;

use super::Timestamp;
use crate::{ExtensionId, HotDesk, Pin, Revision};

/// A person's calls ring at somebody else's phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HotDeskView {
    /// Whose calls.
    pub guest_id: ExtensionId,
    /// Where they ring.
    pub host_id: ExtensionId,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself; absent where it does not.
    pub until: Option<Timestamp>,
}

/// A hot desk that is to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HotDeskRequest {
    /// Whose calls.
    pub guest_id: ExtensionId,
    /// Where they ring from now on.
    pub host_id: ExtensionId,
    /// The PIN of the guest's extension, where it is not one's own.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub pin: Option<Secret<String>>,
    /// When it ends by itself.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

/// The PIN of an extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PinView {
    /// The revision of the extension.
    pub revision: Revision,
    /// Four digits; absent where nobody has set one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, pattern = "^[0-9]{4}$"))]
    pub pin: Option<Secret<String>>,
}

/// A change of an extension's PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PinChange {
    /// The revision of the extension that the change is based on.
    pub revision: Revision,
    /// Four digits that nobody guesses first; random ones where there are none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, pattern = "^[0-9]{4}$"))]
    pub pin: Option<Pin>,
}

impl From<HotDesk> for HotDeskView {
    fn from(desk: HotDesk) -> Self {
        HotDeskView {
            guest_id: desk.guest,
            host_id: desk.host,
            since: desk.since.into(),
            until: desk.until.map(Timestamp::from),
        }
    }
}

impl PinView {
    /// `pin`, and the extension's `revision`.
    pub fn new(revision: Revision, pin: Option<Pin>) -> Self {
        PinView {
            revision,
            pin: pin.map(|pin| Secret::new(pin.expose().to_owned())),
        }
    }
}
