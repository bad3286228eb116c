//! Subscriptions outlive a restart: after it, every watcher is told everything again.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use smol_str::SmolStr;
use tracing::{info, warn};
use wigwag_model::TenantId;
use wigwag_store::{Store, StoreError, StoredSubscription, SubscriptionChange};

use super::book::Entry;
use crate::core::Core;

/// Over how long the NOTIFYs after a restart are spread, in milliseconds.
const SPREAD_MS: u32 = 500;

/// What to write of a subscription; nothing when it is ending.
pub(super) fn saved(tag: &SmolStr, entry: &Entry) -> Option<SubscriptionChange> {
    Some(SubscriptionChange::Save(Box::new(StoredSubscription {
        tenant_id: entry.tenant_id,
        tag: tag.to_string(),
        device_id: entry.device_id,
        extension_id: entry.extension_id,
        frozen: serde_json::to_string(entry).expect("addresses, texts and numbers are always JSON"),
        expires_at: entry.subscription.expires_at()?,
    })))
}

pub(super) fn removed(tenant_id: TenantId, tag: &SmolStr) -> SubscriptionChange {
    SubscriptionChange::Remove {
        tenant_id,
        tag: tag.to_string(),
    }
}

/// Brings back the subscriptions from before a restart, once the registrations are back.
pub(crate) async fn restore(core: &Arc<Core>, store: &Store) -> Result<(), StoreError> {
    let now = core.clock.now();
    let mut entropy = core.entropy.lock().fork();
    let mut restored = 0_u64;
    let mut unreadable = 0_u64;
    let mut companies = BTreeSet::new();
    let left_out = store
        .load_subscriptions(now.utc, |stored| {
            let Ok(mut entry) = serde_json::from_str::<Entry>(&stored.frozen) else {
                unreadable += 1;
                return;
            };
            // The number of a connection means another one in this process.
            entry.is_adrift = entry.is_connected();
            let within = Duration::from_millis(entropy.below(SPREAD_MS).into());
            entry.subscription.resume(within, now);
            core.subscriptions.restore(core, entry, now);
            restored += 1;
            companies.insert(stored.tenant_id);
        })
        .await?;
    for tenant_id in companies {
        if let Some(snapshot) = core.snapshots.load(tenant_id).await? {
            core.subscriptions.wishes_known(&snapshot, now);
        }
    }
    let lost = left_out + unreadable;
    if lost > 0 {
        warn!(lost, "stored subscriptions cannot be read and are left out");
    }
    info!(restored, "the lamps of phones go on");
    Ok(())
}
