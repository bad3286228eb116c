//! How long a test waits for what must come.

use std::time::Duration;

/// The longest wait for one event: far more than any of them takes, on a machine that builds at the same time.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for `event`, but not for ever: `None` when it does not come in time.
pub async fn within<T>(patience: Duration, event: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(patience, event).await.ok()
}
