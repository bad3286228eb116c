//! The one thing without a tenant: which company a SIP username belongs to.

use std::collections::HashMap;

use wigwag_model::{ExtensionId, SipUsername, TenantId};

/// Where a SIP username belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// The company.
    pub tenant_id: TenantId,
    /// The extension.
    pub extension_id: ExtensionId,
}

/// SIP username → company and extension, for the whole platform; patched key by key.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    usernames: HashMap<SipUsername, Home>,
}

impl Directory {
    /// Where `username` belongs.
    pub fn home(&self, username: &SipUsername) -> Option<Home> {
        self.usernames.get(username).copied()
    }

    /// Adds or moves a username.
    pub fn insert(&mut self, username: SipUsername, home: Home) {
        self.usernames.insert(username, home);
    }

    /// Removes a username.
    pub fn remove(&mut self, username: &SipUsername) {
        self.usernames.remove(username);
    }

    /// How many usernames there are.
    pub fn len(&self) -> usize {
        self.usernames.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.usernames.is_empty()
    }
}
