//! Changes that say what they are based on, so that nobody overwrites what another has changed meanwhile.

use serde::{Deserialize, Deserializer, Serialize};

use crate::Revision;

/// New settings of something, and the revision of it that whoever sends them has seen.
///
/// On a server unknown fields are refused as in the settings alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change<T> {
    /// The revision that the change is based on.
    pub revision: Revision,
    /// What it is to be from now on.
    #[serde(flatten)]
    pub settings: T,
}

/// Tells a field that is null from one that is absent.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(field).map(Some)
}
