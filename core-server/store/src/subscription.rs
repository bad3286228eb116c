//! Subscriptions of desk phones that survive a restart.

use std::{collections::BTreeMap, fmt};

use wigwag_model::{DeviceId, ExtensionId, TenantId};
use wigwag_sansio::Utc;

use crate::{
    Store, StoreError,
    db::{BulkInsert, Row, Scope, Stored, Value, query},
};

const TABLE: &str = "subscriptions";
/// Rows read at a time when all are loaded.
const PAGE: i64 = 2_000;

/// A subscription as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSubscription {
    /// The company.
    pub tenant_id: TenantId,
    /// Our tag of its dialog.
    pub tag: String,
    /// The device that subscribed.
    pub device_id: DeviceId,
    /// The extension that it watches.
    pub extension_id: ExtensionId,
    /// Everything else, as the switch writes it.
    pub frozen: String,
    /// When it ends.
    pub expires_at: Utc,
}

impl fmt::Debug for StoredSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSubscription")
            .field("device_id", &self.device_id)
            .field("extension_id", &self.extension_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// One thing to do to the stored subscriptions.
#[derive(Clone, PartialEq, Eq)]
pub enum SubscriptionChange {
    /// Keep this, in place of what had its tag.
    Save(Box<StoredSubscription>),
    /// Keep it no longer.
    Remove {
        /// The company.
        tenant_id: TenantId,
        /// The subscription's tag.
        tag: String,
    },
}

impl fmt::Debug for SubscriptionChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SubscriptionChange::Save(subscription) => f.debug_tuple("Save").field(subscription).finish(),
            SubscriptionChange::Remove { tenant_id, .. } => f
                .debug_struct("Remove")
                .field("tenant_id", tenant_id)
                .finish_non_exhaustive(),
        }
    }
}

static SAVE: BulkInsert = BulkInsert::new(
    TABLE,
    "INSERT INTO subscriptions (tenant_id, tag, device_id, extension_id, frozen, expires_at)",
    6,
    "ON CONFLICT (tenant_id, tag) DO UPDATE SET frozen = excluded.frozen, expires_at = excluded.expires_at",
);

impl Store {
    /// Carries out all changes in one transaction; of several to one subscription only the last counts.
    ///
    /// A subscription whose device or extension has been removed meanwhile is not kept.
    pub async fn save_subscriptions(&self, changes: &[SubscriptionChange]) -> Result<(), StoreError> {
        let (mut saved, mut removed) = (Vec::new(), Vec::new());
        for (key, change) in last_changes(changes) {
            match change {
                SubscriptionChange::Save(subscription) => saved.push(&**subscription),
                SubscriptionChange::Remove { .. } => removed.push(key),
            }
        }
        if saved.is_empty() && removed.is_empty() {
            return Ok(());
        }
        match self.change_subscriptions(&saved, &removed).await {
            Err(failure) if failure.is_refusal() => {
                let saved = self.with_both_ends(saved).await?;
                self.change_subscriptions(&saved, &removed).await
            }
            done => done,
        }
    }

    async fn change_subscriptions(
        &self,
        saved: &[&StoredSubscription],
        removed: &[(TenantId, &str)],
    ) -> Result<(), StoreError> {
        let mut tx = self.db.write(Scope::Platform).await?;
        for (tenant_id, tag) in removed {
            let delete = query(TABLE, "DELETE FROM subscriptions WHERE tenant_id = $1 AND tag = $2");
            tx.run(delete.bind(tenant_id).bind(&(*tag).to_owned())).await?;
        }
        tx.insert(&SAVE, saved.iter().map(|subscription| values(subscription)).collect())
            .await?;
        tx.commit().await
    }

    /// Those of `subscriptions` whose device and extension still exist.
    async fn with_both_ends<'a>(
        &self,
        subscriptions: Vec<&'a StoredSubscription>,
    ) -> Result<Vec<&'a StoredSubscription>, StoreError> {
        let mut tx = self.db.read(Scope::Platform).await?;
        let mut kept = Vec::with_capacity(subscriptions.len());
        for subscription in subscriptions {
            let select = query(
                "devices",
                "SELECT 1 AS one FROM devices JOIN extensions ON extensions.tenant_id = devices.tenant_id
                 WHERE devices.tenant_id = $1 AND devices.id = $2 AND extensions.id = $3",
            )
            .bind(&subscription.tenant_id)
            .bind(&subscription.device_id)
            .bind(&subscription.extension_id);
            if tx.row(select).await?.is_some() {
                kept.push(subscription);
            }
        }
        Ok(kept)
    }

    /// Shows every subscription that has not ended at `now` to `each`, page by page.
    ///
    /// One that cannot be read is left out and counted in the answer: its phone subscribes again by itself.
    pub async fn load_subscriptions(
        &self,
        now: Utc,
        mut each: impl FnMut(StoredSubscription),
    ) -> Result<u64, StoreError> {
        let mut after = (String::new(), String::new());
        let mut left_out = 0;
        loop {
            let select = query(
                TABLE,
                "SELECT tenant_id, tag, device_id, extension_id, frozen, expires_at
                 FROM subscriptions WHERE (tenant_id, tag) > ($1, $2) AND expires_at > $3
                 ORDER BY tenant_id, tag LIMIT $4",
            )
            .bind(&after.0)
            .bind(&after.1)
            .bind(&now)
            .bind(&PAGE);
            let rows = self.db.read(Scope::Platform).await?.rows(select).await?;
            for row in &rows {
                match subscription(row) {
                    Ok(subscription) => each(subscription),
                    Err(_) => left_out += 1,
                }
            }
            let Some(last) = rows.last() else {
                return Ok(left_out);
            };
            after = (last.read("tenant_id")?, last.read("tag")?);
        }
    }

    /// Removes the subscriptions that have ended at `now`, and tells how many.
    pub async fn remove_expired_subscriptions(&self, now: Utc) -> Result<u64, StoreError> {
        let mut tx = self.db.write(Scope::Platform).await?;
        let removed = tx
            .run(query(TABLE, "DELETE FROM subscriptions WHERE expires_at <= $1").bind(&now))
            .await?;
        tx.commit().await?;
        Ok(removed)
    }
}

fn last_changes(changes: &[SubscriptionChange]) -> BTreeMap<(TenantId, &str), &SubscriptionChange> {
    let keyed = changes.iter().map(|change| match change {
        SubscriptionChange::Save(subscription) => ((subscription.tenant_id, subscription.tag.as_str()), change),
        SubscriptionChange::Remove { tenant_id, tag } => ((*tenant_id, tag.as_str()), change),
    });
    keyed.collect()
}

fn values(subscription: &StoredSubscription) -> Vec<Value> {
    vec![
        subscription.tenant_id.store(),
        subscription.tag.store(),
        subscription.device_id.store(),
        subscription.extension_id.store(),
        subscription.frozen.store(),
        subscription.expires_at.store(),
    ]
}

fn subscription(row: &Row) -> Result<StoredSubscription, StoreError> {
    Ok(StoredSubscription {
        tenant_id: row.read("tenant_id")?,
        tag: row.read("tag")?,
        device_id: row.read("device_id")?,
        extension_id: row.read("extension_id")?,
        frozen: row.read("frozen")?,
        expires_at: row.read("expires_at")?,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wigwag_model::{Device, Extension};

    use super::*;
    use crate::testing::{NOW, TestStore};

    fn of(device: &Device, watched: &Extension, tag: &str) -> StoredSubscription {
        StoredSubscription {
            tenant_id: device.tenant_id,
            tag: tag.to_owned(),
            device_id: device.id,
            extension_id: watched.id,
            frozen: "{}".to_owned(),
            expires_at: NOW + Duration::from_secs(300),
        }
    }

    fn save(subscription: &StoredSubscription) -> SubscriptionChange {
        SubscriptionChange::Save(Box::new(subscription.clone()))
    }

    async fn all(test: &TestStore, now: Utc) -> Vec<StoredSubscription> {
        let mut subscriptions = Vec::new();
        let left_out = test
            .store
            .load_subscriptions(now, |subscription| subscriptions.push(subscription))
            .await;
        assert_eq!(left_out.unwrap(), 0);
        subscriptions
    }

    #[tokio::test]
    async fn a_subscription_is_kept_renewed_and_removed() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let device = test.device(&extension).await;
        let (first, second) = (of(&device, &extension, "a"), of(&device, &extension, "b"));
        test.store
            .save_subscriptions(&[save(&first), save(&second)])
            .await
            .unwrap();
        let renewed = StoredSubscription {
            frozen: "{\"renewed\":true}".to_owned(),
            expires_at: NOW + Duration::from_secs(600),
            ..first.clone()
        };
        let remove = SubscriptionChange::Remove {
            tenant_id: tenant.id,
            tag: "b".to_owned(),
        };
        test.store.save_subscriptions(&[save(&renewed), remove]).await.unwrap();
        test.reopen().await.unwrap();
        assert_eq!(all(&test, NOW).await, [renewed]);
        let end = NOW + Duration::from_secs(600);
        assert_eq!(all(&test, end).await, []);
        assert_eq!(test.store.remove_expired_subscriptions(end).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_subscription_goes_with_its_device_and_holds_nobody_up() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let (gone, here) = (test.device(&extension).await, test.device(&extension).await);
        let lost = of(&gone, &extension, "a");
        test.store.save_subscriptions(&[save(&lost)]).await.unwrap();
        let mut tx = test.write(&tenant).await;
        assert!(tx.remove_device(gone.id).await.unwrap());
        assert!(tx.commit().await.unwrap().version.is_some());
        assert_eq!(all(&test, NOW).await, []);
        let kept = of(&here, &extension, "b");
        test.store
            .save_subscriptions(&[save(&lost), save(&kept)])
            .await
            .unwrap();
        assert_eq!(all(&test, NOW).await, [kept]);
    }
}
