//! Removes calls from the history that are older than anybody wants to keep them.

use std::time::Duration;

use tracing::{info, warn};
use wigwag_model::TenantId;
use wigwag_sansio::Utc;
use wigwag_store::{Store, StoreError};

use crate::runner::Stop;

const EVERY: Duration = Duration::from_secs(3600);
/// Calls removed in one transaction, so that nobody who writes waits for long.
const BATCH: u32 = 500;
/// Companies looked at at a time.
const PAGE: u32 = 1_000;

/// How long what is no configuration is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Calls in the history, from when they began; `None` keeps them for ever.
    pub call_history: Option<Duration>,
}

pub(crate) async fn run(store: Store, clock: fn() -> Utc, retention: Retention, mut stop: Stop) {
    let Some(keep_for) = retention.call_history else {
        return;
    };
    loop {
        let keep_ms = i64::try_from(keep_for.as_millis()).unwrap_or(i64::MAX);
        let before = Utc::from_millis(clock().as_millis().saturating_sub(keep_ms));
        match remove(&store, before, &stop).await {
            Ok(0) => {}
            Ok(calls) => info!(calls, "calls that are old enough are removed from the history"),
            Err(failure) => warn!(error = %failure, "old calls cannot be removed: it is tried again later"),
        }
        if stop.wait(EVERY).await {
            return;
        }
    }
}

async fn remove(store: &Store, before: Utc, stop: &Stop) -> Result<u64, StoreError> {
    let (mut after, mut removed) = (None, 0);
    loop {
        let tenants = store.tenants(after, PAGE).await?;
        let Some(last) = tenants.last() else {
            return Ok(removed);
        };
        after = Some(last.id);
        for tenant in &tenants {
            removed += remove_of(store, tenant.id, before, stop).await?;
        }
        if stop.is_requested() {
            return Ok(removed);
        }
    }
}

async fn remove_of(store: &Store, tenant: TenantId, before: Utc, stop: &Stop) -> Result<u64, StoreError> {
    let mut removed = 0;
    while !stop.is_requested() {
        let mut tx = match store.write(tenant).await {
            // It has been removed meanwhile.
            Err(StoreError::NoTenant) => break,
            tx => tx?,
        };
        let batch = tx.remove_calls_before(before, BATCH).await?;
        // The history is no part of what calls are decided from.
        let _ = tx.commit().await?;
        removed += batch;
        if batch < u64::from(BATCH) {
            break;
        }
    }
    Ok(removed)
}
