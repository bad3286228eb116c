//! Event packages by name (RFC 6665 §7.2): what can be subscribed to.

use serde::{Deserialize, Serialize};

use crate::wire::{Token, header::AllowEvents};

/// What can be subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Package {
    /// The calls of somebody (RFC 4235): the lamps of desk phones.
    Dialog,
    /// How many messages wait (RFC 3842).
    MessageSummary,
    /// Whether somebody can be reached (RFC 3856), for phones that know only that.
    Presence,
}

impl Package {
    /// All of them.
    pub const ALL: [Package; 3] = [Package::Dialog, Package::MessageSummary, Package::Presence];

    /// The package with this name; names are case-sensitive.
    pub fn named(name: &str) -> Option<Package> {
        Package::ALL.into_iter().find(|package| package.name() == name)
    }

    /// Its name in Event.
    pub const fn name(self) -> &'static str {
        match self {
            Package::Dialog => "dialog",
            Package::MessageSummary => "message-summary",
            Package::Presence => "presence",
        }
    }

    /// The type of its bodies.
    pub const fn content_type(self) -> &'static str {
        match self {
            Package::Dialog => "application/dialog-info+xml",
            Package::MessageSummary => "application/simple-message-summary",
            Package::Presence => "application/pidf+xml",
        }
    }

    /// All names, as Allow-Events tells them.
    pub fn allow_events() -> AllowEvents {
        let names = Package::ALL.into_iter().map(Package::name);
        names
            .map(|name| Token::new(name).expect("our packages' names are words"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_found_by_its_exact_name() {
        for package in Package::ALL {
            assert_eq!(Package::named(package.name()), Some(package));
        }
        assert_eq!(Package::named("Dialog"), None);
        assert_eq!(Package::allow_events().to_string(), "dialog, message-summary, presence");
    }
}
