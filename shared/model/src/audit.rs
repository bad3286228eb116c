//! Who changed what, and how it was before and after.

use serde::{Deserialize, Serialize};
use wigwag_sansio::Utc;

use crate::{ExtensionId, TenantId, User, UserId, Username};

/// Who makes a change, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Utc,
}

/// Who can change something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody of the company who is signed in.
    User {
        /// The person.
        id: UserId,
        /// What the person signs in with.
        username: Username,
    },
    /// An operator of the platform.
    Operator {
        /// The person.
        id: UserId,
        /// What the person signs in with.
        username: Username,
    },
    /// Whoever dials a star code at a phone.
    Extension {
        /// The extension that the phone belongs to.
        id: ExtensionId,
    },
    /// The server itself: its command line, its jobs and the demo.
    Server,
}

impl Author {
    /// Somebody who is signed in and changes the company `tenant_id`.
    pub fn person(user: &User, tenant_id: TenantId, at: Utc) -> Self {
        let (id, username) = (user.id, user.username.clone());
        let actor = if user.tenant_id == tenant_id {
            Actor::User { id, username }
        } else {
            Actor::Operator { id, username }
        };
        Author { actor, at }
    }

    /// An operator who changes what belongs to the platform.
    pub fn operator(user: &User, at: Utc) -> Self {
        let (id, username) = (user.id, user.username.clone());
        let actor = Actor::Operator { id, username };
        Author { actor, at }
    }

    /// The server itself.
    pub const fn server(at: Utc) -> Self {
        Author {
            actor: Actor::Server,
            at,
        }
    }
}

impl Actor {
    /// The word in the database and the API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Actor::User { .. } => "user",
            Actor::Operator { .. } => "operator",
            Actor::Extension { .. } => "extension",
            Actor::Server => "server",
        }
    }
}

/// An entry of the audit log: one thing was made, changed or removed.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Rises by one from entry to entry of the same company, or of the platform.
    pub sequence: u64,
    /// When.
    pub at: Utc,
    /// By whom.
    pub actor: Actor,
    /// The kind of thing.
    pub entity: EntityKind,
    /// Which one, as the API names it.
    pub entity_id: String,
    /// How it was, as JSON without secrets; `None` when it was made.
    pub before: Option<String>,
    /// How it is since, as JSON without secrets; `None` when it was removed.
    pub after: Option<String>,
}

macro_rules! entity_kinds {
    ($(#[doc = $doc:literal] $variant:ident = $word:literal,)*) => {
        /// The kinds of things that the audit log tells of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum EntityKind {$(#[doc = $doc] $variant,)*}

        impl EntityKind {
            /// All of them.
            pub const ALL: &'static [EntityKind] = &[$(EntityKind::$variant),*];

            /// The word in the database and the API.
            pub const fn as_str(self) -> &'static str {
                match self {$(EntityKind::$variant => $word,)*}
            }
        }
    };
}

entity_kinds! {
    /// A company, as the platform's operator sees it.
    Tenant = "tenant",
    /// What holds for a whole company.
    Settings = "settings",
    /// A person who signs in.
    User = "user",
    /// A phone extension.
    Extension = "extension",
    /// A phone or app.
    Device = "device",
    /// A public number of a company.
    Number = "number",
    /// A number of somebody else that a company may show.
    ApprovedCallerId = "approved_caller_id",
    /// A ring group.
    RingGroup = "ring_group",
    /// A time interval.
    Interval = "interval",
    /// A forwarding rule.
    ForwardingRule = "forwarding_rule",
    /// An entry of the list of blocked callers.
    BlockedCaller = "blocked_caller",
    /// Somebody's calls at somebody else's phone.
    HotDesk = "hot_desk",
    /// The star codes of a company.
    FeatureCodes = "feature_codes",
    /// An entry of the phone book.
    Contact = "contact",
    /// The PIN of an extension.
    Pin = "pin",
    /// A connection of the platform to a carrier.
    Gateway = "gateway",
    /// Numbers that the platform's operator has loaded.
    NumberStock = "number_stock",
}

impl EntityKind {
    /// The kind that [`EntityKind::as_str`] names so.
    pub fn from_word(word: &str) -> Option<Self> {
        EntityKind::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_word_everywhere() {
        for kind in EntityKind::ALL {
            assert_eq!(EntityKind::from_word(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.as_str());
        }
    }
}
