//! A phone or app with SIP credentials of its own (S084, S088).

use serde::{Deserialize, Serialize};
use wigwag_sansio::{Secret, Utc};

use crate::{DeviceId, DraftProblem, ExtensionId, Problem, TenantId};

/// One registered phone or app: signing it out revokes its password and nobody else's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its identity.
    pub id: DeviceId,
    /// The company it belongs to.
    pub tenant_id: TenantId,
    /// The extension that rings there.
    pub extension_id: ExtensionId,
    /// What its owner calls it.
    pub name: String,
    /// Long, random, its own; the username is the extension's.
    pub sip_password: Secret<String>,
    /// How it proves that it knows the password.
    pub authentication: DeviceAuthentication,
    /// When it was added.
    pub created_at: Utc,
}

/// Which digest algorithm a device is challenged with (architecture: exactly one challenge).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceAuthentication {
    /// MD5, which every phone knows.
    #[default]
    Md5,
    /// SHA-256 alone, for devices set or proven able (RFC 8760).
    Sha256,
}

impl DeviceAuthentication {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            DeviceAuthentication::Md5 => "md5",
            DeviceAuthentication::Sha256 => "sha256",
        }
    }

    /// The algorithm that [`DeviceAuthentication::as_str`] names so.
    pub fn from_word(word: &str) -> Option<Self> {
        [DeviceAuthentication::Md5, DeviceAuthentication::Sha256]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// What a person says of a device that is to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceDraft {
    /// What its owner calls it.
    pub name: String,
    /// How it proves that it knows the password.
    #[serde(default)]
    pub authentication: DeviceAuthentication,
}

impl DeviceDraft {
    /// Finds everything that is wrong with the draft; empty when it can be stored.
    pub fn problems(&self) -> Vec<DraftProblem> {
        Problem::of_name(&self.name)
            .map(|problem| DraftProblem::new("name", problem))
            .into_iter()
            .collect()
    }
}
