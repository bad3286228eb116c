//! What a company uses of what it may use (S093, A61).

use serde::{Deserialize, Serialize};

/// The limits of a company and how much of them is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantUsage {
    /// Calls at a time.
    pub concurrent_calls: LimitUse,
}

/// A limit and how much of it is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitUse {
    /// The most there may be.
    pub limit: u32,
    /// What there is now.
    pub in_use: u32,
}
