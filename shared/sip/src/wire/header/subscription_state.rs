//! Subscription-State: what has become of a subscription (RFC 6665 §8.2.3).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Header, Multiplicity};
use crate::wire::{
    error::Malformed,
    lex::{Cursor, saturating_u32},
    name::HeaderName,
    params::Params,
    token::Token,
};

/// What has become of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionState {
    state: Subscription,
    params: Params,
}

/// The states of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subscription {
    /// Accepted.
    Active,
    /// Not decided yet.
    Pending,
    /// Over.
    Terminated,
    /// A state of an extension.
    Other(Token),
}

impl SubscriptionState {
    /// A subscription that goes on for this many seconds.
    pub fn active(seconds: u32) -> Self {
        SubscriptionState {
            state: Subscription::Active,
            params: Params::default(),
        }
        .with_expires(seconds)
    }

    /// A subscription that nobody has decided about yet.
    pub fn pending(seconds: u32) -> Self {
        SubscriptionState {
            state: Subscription::Pending,
            params: Params::default(),
        }
        .with_expires(seconds)
    }

    /// A subscription that is over, with a reason such as `timeout`, `noresource` or `deactivated`.
    pub fn terminated(reason: &str) -> Self {
        let mut params = Params::default();
        params.set("reason", reason);
        SubscriptionState {
            state: Subscription::Terminated,
            params,
        }
    }

    /// The state.
    pub fn state(&self) -> &Subscription {
        &self.state
    }

    /// The seconds that are left.
    pub fn expires(&self) -> Option<u32> {
        saturating_u32(self.params.get("expires")?.as_bytes()).ok()
    }

    /// Why it is over.
    pub fn reason(&self) -> Option<&str> {
        self.params.get("reason")
    }

    /// After how many seconds to subscribe again.
    pub fn retry_after(&self) -> Option<u32> {
        saturating_u32(self.params.get("retry-after")?.as_bytes()).ok()
    }

    fn with_expires(mut self, seconds: u32) -> Self {
        self.params.set("expires", seconds.to_string());
        self
    }
}

impl Header for SubscriptionState {
    const NAME: HeaderName = HeaderName::SubscriptionState;
    const MULTIPLICITY: Multiplicity = Multiplicity::One;

    fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(value);
        cursor.skip_lws();
        let name = cursor.token()?;
        let state = match name.to_ascii_lowercase().as_str() {
            "active" => Subscription::Active,
            "pending" => Subscription::Pending,
            "terminated" => Subscription::Terminated,
            _ => Subscription::Other(Token::new(name).map_err(|_| Malformed::Syntax)?),
        };
        Ok(SubscriptionState {
            state,
            params: Params::parse(&mut cursor)?,
        })
    }
}

impl fmt::Display for SubscriptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.state {
            Subscription::Active => "active",
            Subscription::Pending => "pending",
            Subscription::Terminated => "terminated",
            Subscription::Other(name) => name,
        })?;
        self.params.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn states_have_reasons_and_times() {
        let state = reads_as::<SubscriptionState>("Active ;expires=600", "active;expires=600");
        assert_eq!(state, SubscriptionState::active(600));
        let over = reads_as::<SubscriptionState>(
            "terminated;reason=giveup;retry-after=5",
            "terminated;reason=giveup;retry-after=5",
        );
        assert_eq!(
            (over.reason(), over.retry_after(), over.expires()),
            (Some("giveup"), Some(5), None)
        );
        refuses::<SubscriptionState>(&["", ";expires=1"]);
    }
}
