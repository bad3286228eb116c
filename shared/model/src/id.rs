//! Sortable identities: UUID version 7, made from the time and entropy that the caller passes in (RFC 9562 §5.7).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wigwag_sansio::{Entropy, Utc};

macro_rules! id {
    ($(#[doc = $doc:literal] $name:ident),* $(,)?) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identity that sorts by `now`.
            pub fn new(now: Utc, entropy: &mut Entropy) -> Self {
                let mut random = [0; 10];
                entropy.fill(&mut random);
                let millis = u64::try_from(now.as_millis()).unwrap_or(0);
                $name(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map($name)
            }
        }
    )*};
}

id! {
    /// A customer company.
    TenantId,
    /// A person who signs in.
    UserId,
    /// A 3-digit internal number and what rings there.
    ExtensionId,
    /// One registered phone or app with a SIP password of its own.
    DeviceId,
    /// One conversation, from the call attempt to the call record.
    CallId,
    /// A public number of a company.
    NumberId,
    /// A SIP connection to a carrier.
    GatewayId,
    /// A ring group.
    RingGroupId,
    /// A call queue.
    QueueId,
    /// A voice menu.
    MenuId,
    /// A mailbox shared by a team.
    MailboxId,
    /// An announcement.
    AnnouncementId,
    /// A time interval.
    IntervalId,
    /// A forwarding rule of an extension.
    ForwardingRuleId,
    /// An entry of the list of blocked callers.
    BlockedCallerId,
    /// An entry of the phone book.
    ContactId,
}

/// Counts the changes of one thing, so that nobody overwrites what another has changed meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u32);

impl Revision {
    /// The one after this; the last one is its own.
    #[must_use]
    pub const fn next(self) -> Self {
        Revision(self.0.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_survive_their_text() {
        let mut entropy = Entropy::from_number(1);
        let early = CallId::new(Utc::from_millis(1_000), &mut entropy);
        let late = CallId::new(Utc::from_millis(2_000), &mut entropy);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse::<CallId>().ok(), Some(early));
    }
}
