//! A customer company, and all that a call of it can depend on.

use serde::{Deserialize, Serialize};
use wigwag_sansio::Utc;

use crate::{CallHandling, Device, Extension, TenantId};

/// A customer company ("account" on screen).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its identity.
    pub id: TenantId,
    /// Its name on screen.
    pub name: String,
    /// How many calls it may have at a time (S093).
    pub concurrent_calls: u32,
    /// When it signed up.
    pub created_at: Utc,
}

/// What the platform's operator lets a company have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantTerms {
    /// How many calls it may have at a time (S093).
    pub concurrent_calls: u32,
    /// Whether it may not call out; emergency calls always go out.
    #[serde(default)]
    pub suspended: bool,
}

/// Everything that a decision about a tenant's calls depends on, as loaded from the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantConfiguration {
    /// Rises with every change of this tenant's configuration.
    pub version: u64,
    /// The company.
    pub tenant: Tenant,
    /// Its extensions.
    pub extensions: Vec<Extension>,
    /// The devices of all its extensions.
    pub devices: Vec<Device>,
    /// Where its calls go.
    pub call_handling: CallHandling,
}
