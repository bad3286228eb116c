//! Removes calls from the history, and entries from the audit logs, that are older than anybody wants to keep them.

use std::time::Duration;

use tracing::{info, warn};
use wigwag_model::{Author, TenantId};
use wigwag_sansio::Utc;
use wigwag_store::{Store, StoreError};

use crate::runner::Stop;

const EVERY: Duration = Duration::from_secs(3600);
/// Calls or entries removed in one transaction, so that nobody who writes waits for long.
const BATCH: u32 = 500;
/// Companies looked at at a time.
const PAGE: u32 = 1_000;

/// How long what is no configuration is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Calls in the history, from when they began; `None` keeps them for ever.
    pub call_history: Option<Duration>,
    /// Entries of the audit logs; `None` keeps them for ever.
    pub audit_log: Option<Duration>,
}

pub(crate) async fn run(store: Store, clock: fn() -> Utc, retention: Retention, mut stop: Stop) {
    if retention == Retention::default() {
        return;
    }
    loop {
        let now = clock();
        if let Some(keep_for) = retention.call_history {
            match remove_calls(&store, before(now, keep_for), now, &stop).await {
                Ok(0) => {}
                Ok(calls) => info!(calls, "calls that are old enough are removed from the history"),
                Err(failure) => warn!(error = %failure, "old calls cannot be removed: it is tried again later"),
            }
        }
        if let Some(keep_for) = retention.audit_log {
            match remove_audit_entries(&store, before(now, keep_for), &stop).await {
                Ok(0) => {}
                Ok(entries) => info!(entries, "entries that are old enough are removed from the audit logs"),
                Err(failure) => warn!(error = %failure, "old entries cannot be removed: it is tried again later"),
            }
        }
        if stop.wait(EVERY).await {
            return;
        }
    }
}

/// What is older than `keep_for`.
fn before(now: Utc, keep_for: Duration) -> Utc {
    let keep_ms = i64::try_from(keep_for.as_millis()).unwrap_or(i64::MAX);
    Utc::from_millis(now.as_millis().saturating_sub(keep_ms))
}

async fn remove_audit_entries(store: &Store, before: Utc, stop: &Stop) -> Result<u64, StoreError> {
    let mut removed = 0;
    while !stop.is_requested() {
        let batch = store.remove_audit_entries_before(before, BATCH).await?;
        removed += batch;
        if batch < u64::from(BATCH) {
            break;
        }
    }
    Ok(removed)
}

async fn remove_calls(store: &Store, before: Utc, now: Utc, stop: &Stop) -> Result<u64, StoreError> {
    let (mut after, mut removed) = (None, 0);
    loop {
        let tenants = store.tenants(after, PAGE).await?;
        let Some(last) = tenants.last() else {
            return Ok(removed);
        };
        after = Some(last.id);
        for tenant in &tenants {
            removed += remove_of(store, tenant.id, before, now, stop).await?;
        }
        if stop.is_requested() {
            return Ok(removed);
        }
    }
}

async fn remove_of(store: &Store, tenant: TenantId, before: Utc, now: Utc, stop: &Stop) -> Result<u64, StoreError> {
    let mut removed = 0;
    while !stop.is_requested() {
        let mut tx = match store.write(tenant, Author::server(now)).await {
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

#[cfg(test)]
mod tests {
    use wigwag_model::CallRecord;
    use wigwag_sansio::Entropy;
    use wigwag_store::CallFilter;

    use super::*;
    use crate::history::{
        Fold,
        testing::{NOW, Script},
    };

    fn record(tenant: TenantId, number: u64, started_at: Utc) -> CallRecord {
        let mut fold = Fold::default();
        let entries = Script::answered(tenant, number).entries().into_iter();
        let record = entries
            .filter_map(|entry| fold.take(entry))
            .next()
            .expect("the call ends");
        CallRecord { started_at, ..record }
    }

    #[tokio::test]
    async fn only_calls_that_are_old_enough_go_in_every_company() {
        let folder = tempfile::tempdir().unwrap();
        let (url, mut entropy) = (test_postgres::new_database(), Entropy::from_number(1));
        let store = Store::open(folder.path(), url.as_deref(), &mut entropy).await.unwrap();
        let mut tenants = Vec::new();
        for name in ["Acme", "Bell"] {
            tenants.push(store.create_tenant(name, NOW, &mut entropy).await.unwrap().id);
        }
        let old = NOW + Duration::from_secs(9);
        let kept = NOW + Duration::from_secs(10);
        for (tenant, base) in tenants.iter().zip([0, 10_000]) {
            let mut calls: Vec<_> = (0..1_200).map(|number| record(*tenant, base + number, old)).collect();
            calls.push(record(*tenant, base + 5_000, kept));
            store.record_calls("history", &calls, None).await.unwrap();
        }
        assert_eq!(remove_calls(&store, kept, kept, &Stop::never()).await.unwrap(), 2_400);
        assert_eq!(remove_calls(&store, kept, kept, &Stop::never()).await.unwrap(), 0);
        for tenant in tenants {
            let mut tx = store.read(tenant).await.unwrap();
            let left = tx.call_records(&CallFilter::default(), None, 10).await.unwrap().records;
            assert_eq!(left.iter().map(|call| call.started_at).collect::<Vec<_>>(), [kept]);
        }
    }
}
