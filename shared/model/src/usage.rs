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
