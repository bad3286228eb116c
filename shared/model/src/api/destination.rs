//! What calls can be sent to (S108).

use serde::{Deserialize, Serialize};

use crate::{Destination, ExtensionNumber};

/// Something that a call can be sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationView {
    /// What a field that says where calls go takes.
    pub destination: Destination,
    /// What colleagues dial.
    pub number: ExtensionNumber,
    /// Its name.
    pub name: String,
}
