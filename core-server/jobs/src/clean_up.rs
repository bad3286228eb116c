//! Ends what has ended by time alone: registrations, subscriptions, sign-ins, and the quarantine of numbers.

use std::time::Duration;

use tracing::{debug, warn};
use wigwag_sansio::Utc;
use wigwag_store::{Store, StoreError};

use crate::runner::Stop;

/// What has ended is never used, so it may lie there for a while.
const EVERY: Duration = Duration::from_secs(600);

pub(crate) async fn run(store: Store, clock: fn() -> Utc, mut stop: Stop) {
    loop {
        if let Err(failure) = clean_up(&store, clock()).await {
            warn!(error = %failure, "what has ended cannot be removed: it is tried again later");
        }
        if stop.wait(EVERY).await {
            return;
        }
    }
}

async fn clean_up(store: &Store, now: Utc) -> Result<(), StoreError> {
    let bindings = store.remove_expired_bindings(now).await?;
    let subscriptions = store.remove_expired_subscriptions(now).await?;
    let sessions = store.remove_ended_sessions(now).await?;
    let numbers = store.free_quarantined_numbers(now).await?;
    debug!(bindings, subscriptions, sessions, numbers, "what has ended is removed");
    Ok(())
}
