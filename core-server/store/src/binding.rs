//! Registrations that survive a restart: those of connectionless flows.

use std::{collections::BTreeMap, fmt};

use wigwag_model::{DeviceId, ExtensionId, TenantId};
use wigwag_sansio::Utc;

use crate::{
    Store, StoreError,
    db::{BulkInsert, Row, Scope, Stored, Value, query},
};

const TABLE: &str = "bindings";
/// Rows read at a time when all are loaded.
const PAGE: i64 = 5_000;

/// A registration as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredBinding {
    /// The company.
    pub tenant_id: TenantId,
    /// The extension that rings there.
    pub extension_id: ExtensionId,
    /// The device whose password was used.
    pub device_id: DeviceId,
    /// What tells it from the extension's other registrations.
    pub key: String,
    /// Where the phone wants requests (RFC 3261 §10.2.1).
    pub contact_uri: String,
    /// Transport and addresses, as the switch writes them.
    pub flow: String,
    /// The phone's `+sip.instance` (RFC 5626 §4.1).
    pub instance: Option<String>,
    /// What the phone calls itself.
    pub user_agent: Option<String>,
    /// The proxies between (RFC 3327), the nearest to us first.
    pub path: Vec<String>,
    /// When it was made.
    pub registered_at: Utc,
    /// When it ends.
    pub expires_at: Utc,
    /// The Call-ID of the last REGISTER.
    pub call_id: String,
    /// The CSeq of the last REGISTER.
    pub cseq: u32,
}

impl fmt::Debug for StoredBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredBinding")
            .field("extension_id", &self.extension_id)
            .field("device_id", &self.device_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// One thing to do to the stored registrations.
#[derive(Clone, PartialEq, Eq)]
pub enum BindingChange {
    /// Keep this, in place of what had its key.
    Save(Box<StoredBinding>),
    /// Keep it no longer.
    Remove {
        /// The company.
        tenant_id: TenantId,
        /// The extension.
        extension_id: ExtensionId,
        /// The registration's key.
        key: String,
    },
}

impl fmt::Debug for BindingChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BindingChange::Save(binding) => f.debug_tuple("Save").field(binding).finish(),
            BindingChange::Remove { extension_id, .. } => f
                .debug_struct("Remove")
                .field("extension_id", extension_id)
                .finish_non_exhaustive(),
        }
    }
}

static SAVE: BulkInsert = BulkInsert::new(
    TABLE,
    "INSERT INTO bindings
         (tenant_id, extension_id, device_id, key, contact_uri, flow, instance, user_agent, path,
          registered_at, expires_at, call_id, cseq)",
    13,
    "ON CONFLICT (tenant_id, extension_id, key) DO UPDATE SET
         device_id = excluded.device_id, contact_uri = excluded.contact_uri, flow = excluded.flow,
         instance = excluded.instance, user_agent = excluded.user_agent, path = excluded.path,
         registered_at = excluded.registered_at, expires_at = excluded.expires_at,
         call_id = excluded.call_id, cseq = excluded.cseq",
);

impl Store {
    /// Carries out all changes in one transaction; of several to one registration only the last counts.
    ///
    /// A registration whose device has been removed meanwhile is not kept.
    pub async fn save_bindings(&self, changes: &[BindingChange]) -> Result<(), StoreError> {
        let (mut saved, mut removed) = (Vec::new(), Vec::new());
        for (key, change) in last_changes(changes) {
            match change {
                BindingChange::Save(binding) => saved.push(&**binding),
                BindingChange::Remove { .. } => removed.push(key),
            }
        }
        if saved.is_empty() && removed.is_empty() {
            return Ok(());
        }
        match self.change_bindings(&saved, &removed).await {
            Err(failure) if failure.is_refusal() => {
                let saved = self.with_device(saved).await?;
                self.change_bindings(&saved, &removed).await
            }
            done => done,
        }
    }

    async fn change_bindings(&self, saved: &[&StoredBinding], removed: &[Key<'_>]) -> Result<(), StoreError> {
        let mut tx = self.db.write(Scope::Platform).await?;
        for (tenant_id, extension_id, key) in removed {
            let delete = query(
                TABLE,
                "DELETE FROM bindings WHERE tenant_id = $1 AND extension_id = $2 AND key = $3",
            );
            tx.run(delete.bind(tenant_id).bind(extension_id).bind(&(*key).to_owned()))
                .await?;
        }
        tx.insert(&SAVE, saved.iter().map(|binding| values(binding)).collect())
            .await?;
        tx.commit().await
    }

    /// Those of `bindings` whose device still exists.
    async fn with_device<'a>(&self, bindings: Vec<&'a StoredBinding>) -> Result<Vec<&'a StoredBinding>, StoreError> {
        let mut tx = self.db.read(Scope::Platform).await?;
        let mut kept = Vec::with_capacity(bindings.len());
        for binding in bindings {
            let select = query(
                "devices",
                "SELECT 1 AS one FROM devices WHERE tenant_id = $1 AND id = $2 AND extension_id = $3",
            )
            .bind(&binding.tenant_id)
            .bind(&binding.device_id)
            .bind(&binding.extension_id);
            if tx.row(select).await?.is_some() {
                kept.push(binding);
            }
        }
        Ok(kept)
    }

    /// Shows every registration that has not ended at `now` to `each`, page by page.
    ///
    /// One that cannot be read is left out and counted in the answer: its phone registers again by itself.
    pub async fn load_bindings(&self, now: Utc, mut each: impl FnMut(StoredBinding)) -> Result<u64, StoreError> {
        let mut after = (String::new(), String::new(), String::new());
        let mut left_out = 0;
        loop {
            let select = query(
                TABLE,
                "SELECT tenant_id, extension_id, key, device_id, contact_uri, flow, instance, user_agent, path,
                     registered_at, expires_at, call_id, cseq
                 FROM bindings WHERE (tenant_id, extension_id, key) > ($1, $2, $3) AND expires_at > $4
                 ORDER BY tenant_id, extension_id, key LIMIT $5",
            )
            .bind(&after.0)
            .bind(&after.1)
            .bind(&after.2)
            .bind(&now)
            .bind(&PAGE);
            let rows = self.db.read(Scope::Platform).await?.rows(select).await?;
            for row in &rows {
                match binding(row) {
                    Ok(binding) => each(binding),
                    Err(_) => left_out += 1,
                }
            }
            let Some(last) = rows.last() else {
                return Ok(left_out);
            };
            after = (last.read("tenant_id")?, last.read("extension_id")?, last.read("key")?);
        }
    }

    /// Removes the registrations that have ended at `now`, and tells how many.
    pub async fn remove_expired_bindings(&self, now: Utc) -> Result<u64, StoreError> {
        let mut tx = self.db.write(Scope::Platform).await?;
        let removed = tx
            .run(query(TABLE, "DELETE FROM bindings WHERE expires_at <= $1").bind(&now))
            .await?;
        tx.commit().await?;
        Ok(removed)
    }
}

/// What tells one registration from all others.
type Key<'a> = (TenantId, ExtensionId, &'a str);

fn last_changes(changes: &[BindingChange]) -> BTreeMap<Key<'_>, &BindingChange> {
    let keyed = changes.iter().map(|change| match change {
        BindingChange::Save(binding) => ((binding.tenant_id, binding.extension_id, binding.key.as_str()), change),
        BindingChange::Remove {
            tenant_id,
            extension_id,
            key,
        } => ((*tenant_id, *extension_id, key.as_str()), change),
    });
    keyed.collect()
}

fn values(binding: &StoredBinding) -> Vec<Value> {
    // A JSON list, since a URI may contain any separator.
    let path = serde_json::to_string(&binding.path).expect("a list of texts is always JSON");
    vec![
        binding.tenant_id.store(),
        binding.extension_id.store(),
        binding.device_id.store(),
        binding.key.store(),
        binding.contact_uri.store(),
        binding.flow.store(),
        binding.instance.store(),
        binding.user_agent.store(),
        path.store(),
        binding.registered_at.store(),
        binding.expires_at.store(),
        binding.call_id.store(),
        binding.cseq.store(),
    ]
}

fn binding(row: &Row) -> Result<StoredBinding, StoreError> {
    let path: String = row.read("path")?;
    Ok(StoredBinding {
        tenant_id: row.read("tenant_id")?,
        extension_id: row.read("extension_id")?,
        device_id: row.read("device_id")?,
        key: row.read("key")?,
        contact_uri: row.read("contact_uri")?,
        flow: row.read("flow")?,
        instance: row.read("instance")?,
        user_agent: row.read("user_agent")?,
        path: serde_json::from_str(&path).map_err(|_| row.corrupt("path"))?,
        registered_at: row.read("registered_at")?,
        expires_at: row.read("expires_at")?,
        call_id: row.read("call_id")?,
        cseq: row.read("cseq")?,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wigwag_model::Device;

    use super::*;
    use crate::testing::{NOW, TestStore};

    fn of(device: &Device, key: &str) -> StoredBinding {
        StoredBinding {
            tenant_id: device.tenant_id,
            extension_id: device.extension_id,
            device_id: device.id,
            key: key.to_owned(),
            contact_uri: "sip:100023@192.0.2.1:5060".to_owned(),
            flow: "udp 192.0.2.1:5060 198.51.100.1:5060".to_owned(),
            instance: Some("<urn:uuid:1>".to_owned()),
            user_agent: None,
            path: vec!["<sip:proxy,1;lr>".to_owned(), "<sip:proxy2;lr>".to_owned()],
            registered_at: NOW,
            expires_at: NOW + Duration::from_secs(300),
            call_id: "abc".to_owned(),
            cseq: u32::MAX,
        }
    }

    fn save(binding: &StoredBinding) -> BindingChange {
        BindingChange::Save(Box::new(binding.clone()))
    }

    async fn all(test: &TestStore, now: Utc) -> Vec<StoredBinding> {
        let mut bindings = Vec::new();
        test.store
            .load_bindings(now, |binding| bindings.push(binding))
            .await
            .unwrap();
        bindings
    }

    #[tokio::test]
    async fn a_registration_is_kept_replaced_and_removed() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let device = test.device(&extension).await;
        let (first, second) = (of(&device, "a"), of(&device, "b"));
        test.store.save_bindings(&[save(&first), save(&second)]).await.unwrap();
        let refreshed = StoredBinding {
            expires_at: NOW + Duration::from_secs(600),
            ..first.clone()
        };
        let remove = BindingChange::Remove {
            tenant_id: tenant.id,
            extension_id: extension.id,
            key: "b".to_owned(),
        };
        test.store.save_bindings(&[save(&refreshed), remove]).await.unwrap();
        test.reopen().await.unwrap();
        assert_eq!(all(&test, NOW).await, [refreshed]);
    }

    #[tokio::test]
    async fn what_has_ended_is_neither_loaded_nor_kept() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let device = test.device(&extension).await;
        test.store.save_bindings(&[save(&of(&device, "a"))]).await.unwrap();
        let end = NOW + Duration::from_secs(300);
        assert_eq!(all(&test, end).await, []);
        assert_eq!(test.store.remove_expired_bindings(NOW).await.unwrap(), 0);
        assert_eq!(test.store.remove_expired_bindings(end).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_device_that_is_gone_does_not_hold_up_the_others() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let (gone, here) = (test.device(&extension).await, test.device(&extension).await);
        test.store.save_bindings(&[save(&of(&gone, "a"))]).await.unwrap();
        let mut tx = test.write(&tenant).await;
        assert!(tx.remove_device(gone.id).await.unwrap());
        assert!(tx.commit().await.unwrap().version.is_some());
        assert_eq!(all(&test, NOW).await, []);
        let kept = of(&here, "b");
        test.store
            .save_bindings(&[save(&of(&gone, "a")), save(&kept)])
            .await
            .unwrap();
        assert_eq!(all(&test, NOW).await, [kept]);
    }
}
