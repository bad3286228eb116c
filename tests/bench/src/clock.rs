//! The clock of the load programs: they measure real servers in real time.

use std::time::{Duration, Instant};

#[expect(
    clippy::disallowed_methods,
    reason = "measuring needs a clock, and this is the only one of this tool"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Lets the server work for a while; it has nothing to say when it is done.
pub(crate) fn pause(wait: Duration) {
    let until = now() + wait;
    while let Some(left) = until.checked_duration_since(now()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}
