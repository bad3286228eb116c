//! Who is signed in.

use serde::{Deserialize, Serialize};
use wigwag_sansio::Pii;

use super::Timestamp;
use crate::{AccessLevel, ExtensionId, Tenant, TenantId, User, UserId};

/// The person who is signed in and the company the person belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The person.
    pub user: UserView,
    /// The company.
    pub tenant: TenantView,
}

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserView {
    /// The person's identity.
    pub id: UserId,
    /// What the person signs in with.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub username: Pii<String>,
    /// The person's name.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: Pii<String>,
    /// What the person may do.
    pub access_level: AccessLevel,
    /// The extension that the person's apps use; none says "default extension not set" (S028).
    pub default_extension_id: Option<ExtensionId>,
    /// When the person joined.
    pub created_at: Timestamp,
}

/// A customer company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantView {
    /// Its identity.
    pub id: TenantId,
    /// Its name.
    pub name: String,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        UserView {
            id: user.id,
            username: Pii::new(user.username.to_string()),
            name: Pii::new(user.name),
            access_level: user.access_level,
            default_extension_id: user.default_extension_id,
            created_at: user.created_at.into(),
        }
    }
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        TenantView {
            id: tenant.id,
            name: tenant.name,
        }
    }
}
