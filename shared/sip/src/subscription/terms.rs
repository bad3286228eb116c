//! What a notifier agrees to (RFC 6665 §4.2.1.1, RFC 4235 §3.10).

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a notifier agrees to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The shortest subscription, in seconds.
    pub min_expires_secs: u32,
    /// The longest subscription, in seconds; longer ones are cut, and those that do not say how long get it.
    pub max_expires_secs: u32,
    /// The least time between two NOTIFYs.
    pub min_gap: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Terms {
            min_expires_secs: 60,
            max_expires_secs: 3600,
            min_gap: Duration::from_millis(200),
        }
    }
}
