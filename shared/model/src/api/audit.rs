//! The audit log: who changed what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::{Actor, AuditEntry, EntityKind, ExtensionId, UserId};

/// One thing was made, changed or removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntryView {
    /// Rises by one from entry to entry.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: ActorView,
    /// The kind of thing.
    pub entity: EntityKind,
    /// Which one, as the API names it.
    pub entity_id: String,
    /// How it was, without secrets; absent when it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub before: Option<Facts>,
    /// How it is since, without secrets; absent when it was removed.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub after: Option<Facts>,
}

/// Fields of a thing, as its own endpoint shows them or more.
pub type Facts = BTreeMap<String, serde_json::Value>;

/// Who made a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ActorView {
    /// Somebody of the company.
    User {
        /// The person.
        id: UserId,
        /// What the person signed in with.
        username: String,
    },
    /// An operator of the platform.
    Operator {
        /// What the person signed in with.
        username: String,
    },
    /// A phone of this extension, by a star code.
    Extension {
        /// The extension.
        id: ExtensionId,
    },
    /// The server itself.
    Server,
}

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        let facts = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        AuditEntryView {
            sequence: entry.sequence,
            at: entry.at.into(),
            actor: entry.actor.into(),
            entity: entry.entity,
            entity_id: entry.entity_id,
            before: facts(entry.before),
            after: facts(entry.after),
        }
    }
}

impl From<Actor> for ActorView {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::User { id, username } => ActorView::User {
                id,
                username: username.to_string(),
            },
            Actor::Operator { username, .. } => ActorView::Operator {
                username: username.to_string(),
            },
            Actor::Extension { id } => ActorView::Extension { id },
            Actor::Server => ActorView::Server,
        }
    }
}
