//! Whose request a response belongs to.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{ExtensionId, GatewayId, LegId};
use wigwag_pbx::registrar::BindingKey;
use wigwag_sip::{session::RequestToken, subscription::NotifyToken};

/// A running call of this process, for as long as it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct CallNumber(pub(crate) u64);

/// The tag that the switch puts on its own requests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Owner {
    /// A leg of a call.
    #[doc(hidden)]
    Leg(LegRequest),
    /// The registrar, which asks a phone for a sign of life.
    #[doc(hidden)]
    Probe(ProbeRequest),
    /// A subscription, which tells its watcher something.
    #[doc(hidden)]
    Notify(NotifyRequest),
    /// A text that is brought to the phones of an extension.
    #[doc(hidden)]
    Text(TextNumber),
    /// The upkeep of the connection to a carrier.
    #[doc(hidden)]
    Gateway(GatewayErrand),
}

/// A request of one leg's session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LegRequest {
    pub(crate) call: CallNumber,
    pub(crate) leg: LegId,
    pub(crate) token: RequestToken,
}

/// A NOTIFY of one subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotifyRequest {
    pub(crate) tag: SmolStr,
    pub(crate) token: NotifyToken,
}

/// A text that is being brought to phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TextNumber(pub(crate) u64);

/// A request that keeps up the connection to a carrier.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct GatewayErrand {
    pub(crate) gateway: GatewayId,
    pub(crate) number: u32,
}

/// A request that asks whether a registered phone is still there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProbeRequest {
    pub(crate) extension: ExtensionId,
    pub(crate) key: BindingKey,
}
