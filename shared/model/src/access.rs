//! What a user may do (S019–S021).

use serde::{Deserialize, Serialize};

/// A user's access level; each includes the ones above it in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// Views and changes the own extension only.
    Extension,
    /// Views and changes most things on the account.
    Admin,
    /// Everything, including access to recordings.
    Owner,
}

impl AccessLevel {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            AccessLevel::Extension => "extension",
            AccessLevel::Admin => "admin",
            AccessLevel::Owner => "owner",
        }
    }

    /// The level that [`AccessLevel::as_str`] names so.
    pub fn from_word(word: &str) -> Option<Self> {
        [AccessLevel::Extension, AccessLevel::Admin, AccessLevel::Owner]
            .into_iter()
            .find(|level| level.as_str() == word)
    }
}
