//! The live configuration of each company: loaded when first needed, swapped when something changes.

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use smol_str::SmolStr;
use tracing::warn;
use wigwag_model::TenantId;
use wigwag_pbx::TenantSnapshot;
use wigwag_store::{Store, StoreError};

/// Company → configuration.
#[derive(Debug)]
pub(crate) struct Snapshots {
    store: Store,
    realm: SmolStr,
    live: RwLock<HashMap<TenantId, Arc<TenantSnapshot>>>,
}

impl Snapshots {
    pub(crate) fn new(store: Store, realm: SmolStr) -> Self {
        Snapshots {
            store,
            realm,
            live: RwLock::default(),
        }
    }

    /// Where configurations are kept.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The configuration of `tenant`, if it has been loaded.
    pub(crate) fn live(&self, tenant: TenantId) -> Option<Arc<TenantSnapshot>> {
        self.live.read().get(&tenant).cloned()
    }

    /// The configuration of `tenant`, loaded if need be; nothing when there is no such company.
    pub(crate) async fn load(&self, tenant: TenantId) -> Result<Option<Arc<TenantSnapshot>>, StoreError> {
        match self.live(tenant) {
            Some(snapshot) => Ok(Some(snapshot)),
            None => self.reload(tenant).await,
        }
    }

    /// Loads the configuration of `tenant` anew; an older one never replaces a newer one.
    pub(crate) async fn reload(&self, tenant: TenantId) -> Result<Option<Arc<TenantSnapshot>>, StoreError> {
        let Some(loaded) = self.store.read(tenant).await?.configuration().await? else {
            self.live.write().remove(&tenant);
            return Ok(None);
        };
        for broken in &loaded.quarantined {
            warn!(tenant.id = %tenant, table = broken.table, id = broken.id, column = broken.column,
                  "an entry of the configuration cannot be used and is left out");
        }
        let snapshot = Arc::new(TenantSnapshot::new(loaded.configuration, &self.realm));
        let mut live = self.live.write();
        match live.get(&tenant) {
            Some(known) if known.version() > snapshot.version() => Ok(Some(known.clone())),
            Some(_) | None => {
                live.insert(tenant, snapshot.clone());
                Ok(Some(snapshot))
            }
        }
    }
}
