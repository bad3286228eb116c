//! Whether the server lives and is ready.

use serde::{Deserialize, Serialize};

/// The process answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// Always `ok`.
    pub status: String,
    /// The version that runs.
    pub version: String,
}

/// Whether calls and changes can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Readiness {
    /// All of the below.
    pub ready: bool,
    /// The database answers.
    pub database: bool,
    /// The part that carries calls answers.
    pub switch: bool,
}
