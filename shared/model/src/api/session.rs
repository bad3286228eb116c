//! Signing in (S002, S099).

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Pii, Secret};

use super::{Me, Timestamp};

/// What a person types to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// The sign-in name, with or without `@wigwag` behind it (A57); case does not matter.
    #[cfg_attr(feature = "openapi", schema(value_type = String, max_length = 128, example = "demoowner"))]
    pub username: Pii<String>,
    /// The password.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, max_length = 256))]
    pub password: Secret<String>,
}

/// A session that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// Goes into `Authorization: Bearer …` of every request; shown this once.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub token: Secret<String>,
    /// When the session ends at the latest; without a request it ends after 12 hours.
    pub expires_at: Timestamp,
    /// Who has signed in.
    pub me: Me,
}
