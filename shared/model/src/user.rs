//! A person who signs in (S018–S034).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use wigwag_sansio::Utc;

use crate::{AccessLevel, ExtensionId, Problem, TenantId, UserId, limits};

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The person's identity.
    pub id: UserId,
    /// The company the person belongs to.
    pub tenant_id: TenantId,
    /// What the person signs in with.
    pub username: Username,
    /// The person's name.
    pub name: String,
    /// What the person may do.
    pub access_level: AccessLevel,
    /// The extension that the person's apps use (S027).
    pub default_extension_id: Option<ExtensionId>,
    /// Whether the person runs the platform, besides what the company allows.
    pub operator: bool,
    /// When the person joined.
    pub created_at: Utc,
}

/// What is said of a user who is to be added; the password comes separately and is never kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDraft {
    /// What the person signs in with.
    pub username: Username,
    /// The person's name.
    pub name: String,
    /// What the person may do.
    pub access_level: AccessLevel,
    /// The extension that the person's apps use.
    pub default_extension_id: Option<ExtensionId>,
}

/// A sign-in name: 6 to 64 letters and digits, kept in lower case, since case does not matter (S024).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

impl Username {
    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let (least, most) = (*limits::USERNAME_CHARS.start(), *limits::USERNAME_CHARS.end());
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Problem::NotAlphanumeric);
        }
        if text.len() < least {
            return Err(Problem::TooShort { least: least as u32 });
        }
        if text.len() > most {
            return Err(Problem::TooLong { most: most as u32 });
        }
        Ok(Username(text.to_ascii_lowercase()))
    }
}

impl TryFrom<String> for Username {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<Username> for String {
    fn from(username: Username) -> String {
        username.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_has_six_letters_or_digits_and_no_case() {
        assert_eq!(
            "AliceB1".parse::<Username>().map(|name| name.to_string()),
            Ok("aliceb1".to_owned())
        );
        assert_eq!("alice".parse::<Username>(), Err(Problem::TooShort { least: 6 }));
        assert_eq!("alice b".parse::<Username>(), Err(Problem::NotAlphanumeric));
    }
}
