//! Who is at the other end of a leg.

use serde::{Deserialize, Serialize};
use wigwag_model::{DeviceId, ExtensionId, GatewayId};

/// Who is at the other end of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    /// A device of the company.
    Device {
        /// The extension that it calls or rings for.
        extension_id: ExtensionId,
        /// The device.
        device_id: DeviceId,
    },
    /// A carrier.
    Gateway(GatewayId),
}

impl Who {
    /// The extension, where it is a device's leg.
    pub fn extension(self) -> Option<ExtensionId> {
        match self {
            Who::Device { extension_id, .. } => Some(extension_id),
            Who::Gateway(_) => None,
        }
    }

    /// The device.
    pub fn device(self) -> Option<DeviceId> {
        match self {
            Who::Device { device_id, .. } => Some(device_id),
            Who::Gateway(_) => None,
        }
    }

    /// The carrier's gateway.
    pub fn gateway(self) -> Option<GatewayId> {
        match self {
            Who::Device { .. } => None,
            Who::Gateway(id) => Some(id),
        }
    }
}
