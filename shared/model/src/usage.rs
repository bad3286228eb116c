//! What uses something, told to whoever wants to remove it.

use serde::{Deserialize, Serialize};

/// One thing that uses another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Use {
    /// What kind of thing it is.
    pub kind: UseKind,
    /// Its identity.
    pub id: String,
    /// What people know it by.
    pub name: String,
}

/// What can use something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum UseKind {
    /// A public number sends calls there.
    Number,
    /// A routing rule of a public number: the number's id and name.
    RoutingRule,
    /// A ring group has it as a member.
    RingGroupMember,
    /// A ring group sends calls there that nobody answers.
    RingGroupFailover,
    /// A forwarding rule: the id of the rule, and the name of the extension.
    ForwardingRule,
}

impl UseKind {
    /// All of them.
    pub const ALL: [UseKind; 5] = [
        UseKind::Number,
        UseKind::RoutingRule,
        UseKind::RingGroupMember,
        UseKind::RingGroupFailover,
        UseKind::ForwardingRule,
    ];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            UseKind::Number => "number",
            UseKind::RoutingRule => "routing_rule",
            UseKind::RingGroupMember => "ring_group_member",
            UseKind::RingGroupFailover => "ring_group_failover",
            UseKind::ForwardingRule => "forwarding_rule",
        }
    }

    /// The kind that [`UseKind::as_str`] names so.
    pub fn from_word(word: &str) -> Option<Self> {
        UseKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
