//! The state of a watched resource, whatever its package.

use serde::{Deserialize, Serialize};

use super::{DialogInfo, Extent, MessageSummary, Package, PresenceDocument};
use crate::session::Content;

/// The state of a watched resource, as its package tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Its calls.
    Dialogs(DialogInfo),
    /// Its messages.
    Messages(MessageSummary),
    /// Whether it can be reached.
    Presence(PresenceDocument),
}

impl Body {
    /// Whose body it is.
    pub const fn package(&self) -> Package {
        match self {
            Body::Dialogs(_) => Package::Dialog,
            Body::Messages(_) => Package::MessageSummary,
            Body::Presence(_) => Package::Presence,
        }
    }

    /// All of it, as the body number `version` that one subscriber gets; numbers rise.
    pub fn content(&self, version: u32) -> Content {
        let text = match self {
            Body::Dialogs(dialogs) => dialogs.print(version, Extent::Full),
            Body::Messages(messages) => messages.print(),
            Body::Presence(presence) => presence.print(),
        };
        Content {
            content_type: self.package().content_type().into(),
            body: text.into(),
        }
    }
}
