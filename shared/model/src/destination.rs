//! What a call can be sent to inside a company (S049, S108).

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::{AnnouncementId, ExtensionId, MailboxId, MenuId, PhoneNumber, QueueId, RingGroupId};

/// What a number, a rule or a failover can send calls to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Destination {
    /// A phone extension, regular or virtual.
    Extension(ExtensionId),
    /// A ring group.
    RingGroup(RingGroupId),
    /// A call queue.
    Queue(QueueId),
    /// A voice menu.
    Menu(MenuId),
    /// A mailbox shared by a team.
    Mailbox(MailboxId),
    /// An announcement, after which the call ends.
    Announcement(AnnouncementId),
}

/// Where a forwarding rule sends a call: inside the company or out of it (S109).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ForwardTo {
    /// Something of the company.
    Destination(Destination),
    /// A number outside, charged as an outgoing call (S014).
    Number(PhoneNumber),
}

impl Destination {
    /// The kind's word in the database and the API.
    pub const fn kind(self) -> &'static str {
        match self {
            Destination::Extension(_) => "extension",
            Destination::RingGroup(_) => "ring_group",
            Destination::Queue(_) => "queue",
            Destination::Menu(_) => "menu",
            Destination::Mailbox(_) => "mailbox",
            Destination::Announcement(_) => "announcement",
        }
    }

    /// Its identity as text.
    pub fn id_text(self) -> String {
        match self {
            Destination::Extension(id) => id.to_string(),
            Destination::RingGroup(id) => id.to_string(),
            Destination::Queue(id) => id.to_string(),
            Destination::Menu(id) => id.to_string(),
            Destination::Mailbox(id) => id.to_string(),
            Destination::Announcement(id) => id.to_string(),
        }
    }

    /// What [`Destination::kind`] and [`Destination::id_text`] have been made of.
    pub fn from_parts(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "extension" => id.parse().ok().map(Destination::Extension),
            "ring_group" => id.parse().ok().map(Destination::RingGroup),
            "queue" => id.parse().ok().map(Destination::Queue),
            "menu" => id.parse().ok().map(Destination::Menu),
            "mailbox" => id.parse().ok().map(Destination::Mailbox),
            "announcement" => id.parse().ok().map(Destination::Announcement),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Destination {
    /// Formats that do not describe themselves, in which calls are frozen, cannot read what serde derives for a tag.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return Numbered::deserialize(deserializer);
        }
        let Parts { kind, id } = Parts::deserialize(deserializer)?;
        Destination::from_parts(&kind, &id).ok_or_else(|| D::Error::custom("no destination has this kind and id"))
    }
}

/// A destination as people read it.
#[derive(Deserialize)]
struct Parts {
    kind: String,
    id: String,
}

/// A destination in formats that number the kinds.
#[derive(Deserialize)]
#[serde(remote = "Destination")]
enum Numbered {
    Extension(ExtensionId),
    RingGroup(RingGroupId),
    Queue(QueueId),
    Menu(MenuId),
    Mailbox(MailboxId),
    Announcement(AnnouncementId),
}
