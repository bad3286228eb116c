//! A transaction within one company: every query about a company's things is a method of it.

use std::sync::Arc;

use wigwag_model::{Author, TenantId};
use wigwag_sansio::Utc;

use crate::{
    KeyRing, StoreError,
    audit::{self, Audited, Owner},
    db::{Tx, query},
};

/// The access of a [`TenantTx`] that only looks; it never waits for a writer.
#[derive(Debug)]
pub struct ReadOnly(());

/// The access of a [`TenantTx`] that also changes.
#[derive(Debug)]
pub struct ReadWrite {
    author: Author,
    configuration_changed: bool,
}

/// A transaction that sees and touches one company only; dropping it undoes what it did.
///
/// After an error it must be dropped, since PostgreSQL takes no further statement then.
#[derive(Debug)]
pub struct TenantTx<Access = ReadWrite> {
    pub(crate) tx: Tx,
    pub(crate) tenant_id: TenantId,
    pub(crate) keys: Arc<KeyRing>,
    access: Access,
}

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a new configuration version has to reach the snapshot before the change is answered"]
pub struct Committed {
    /// The company's new configuration version, if its configuration changed.
    pub version: Option<u64>,
}

impl<Access> TenantTx<Access> {
    /// The company.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }
}

impl TenantTx<ReadOnly> {
    pub(crate) fn reading(tx: Tx, tenant_id: TenantId, keys: Arc<KeyRing>) -> Self {
        TenantTx {
            tx,
            tenant_id,
            keys,
            access: ReadOnly(()),
        }
    }
}

impl TenantTx<ReadWrite> {
    pub(crate) fn writing(tx: Tx, tenant_id: TenantId, keys: Arc<KeyRing>, author: Author) -> Self {
        TenantTx {
            tx,
            tenant_id,
            keys,
            access: ReadWrite {
                author,
                configuration_changed: false,
            },
        }
    }

    /// Makes the changes last; if they touch the configuration, its version rises with them.
    pub async fn commit(mut self) -> Result<Committed, StoreError> {
        let version = if self.access.configuration_changed {
            Some(self.next_version().await?)
        } else {
            None
        };
        self.tx.commit().await?;
        Ok(Committed { version })
    }

    /// When the changes are made.
    pub(crate) fn at(&self) -> Utc {
        self.access.author.at
    }

    /// Notes that something that calls are decided from was made (`before` is none), changed or removed (`after` is
    /// none): calls follow it after the commit, and the audit log tells of it. Nothing happens when both are none.
    pub(crate) async fn record<E: Audited>(&mut self, before: Option<&E>, after: Option<&E>) -> Result<(), StoreError> {
        self.access.configuration_changed |= before.is_some() || after.is_some();
        self.record_aside(before, after).await
    }

    /// The same for something that no call is decided from.
    pub(crate) async fn record_aside<E: Audited>(
        &mut self,
        before: Option<&E>,
        after: Option<&E>,
    ) -> Result<(), StoreError> {
        let owner = Owner::Tenant(self.tenant_id);
        audit::record(&mut self.tx, owner, &self.access.author, before, after).await
    }

    async fn next_version(&mut self) -> Result<u64, StoreError> {
        let bump = query(
            "tenants",
            "UPDATE tenants SET configuration_version = configuration_version + 1
             WHERE id = $1 RETURNING configuration_version",
        );
        let row = self.tx.row(bump.bind(&self.tenant_id)).await?;
        row.ok_or(StoreError::NoTenant)?.read("configuration_version")
    }
}

#[cfg(test)]
mod tests {
    use wigwag_model::{Author, DeviceDraft, TenantId};
    use wigwag_sansio::Secret;

    use super::*;
    use crate::{
        CallFilter,
        testing::{NOW, TestStore, draft},
    };

    #[tokio::test]
    async fn a_foreign_company_finds_nothing_and_changes_nothing() {
        let mut test = TestStore::new().await;
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let extension = test.extension(&ours, "101").await;
        let device = test.device(&extension).await;
        let user = test.user(&ours, "alice1").await;
        let call = test.call(&extension, &extension, 0);
        test.store
            .record_calls("history", std::slice::from_ref(&call), None)
            .await
            .unwrap();

        let mut tx = test.write(&theirs).await;
        assert_eq!(tx.extensions().await.unwrap(), []);
        assert_eq!(tx.extension(extension.id).await.unwrap(), None);
        assert_eq!(tx.update_extension(extension.id, &draft("102")).await.unwrap(), None);
        assert_eq!(tx.remove_extension(extension.id).await.unwrap(), None);
        assert_eq!(tx.devices(extension.id).await.unwrap(), []);
        assert_eq!(tx.device(device.id).await.unwrap(), None);
        let device_draft = DeviceDraft {
            name: "Desk".to_owned(),
            authentication: Default::default(),
        };
        let made = tx
            .create_device(extension.id, &device_draft, NOW, &mut test.entropy)
            .await;
        assert_eq!(made.unwrap(), None);
        assert!(!tx.remove_device(device.id).await.unwrap());
        assert_eq!(tx.users().await.unwrap(), []);
        assert_eq!(tx.user(user.id).await.unwrap(), None);
        assert!(!tx.set_password_hash(user.id, &Secret::default()).await.unwrap());
        assert_eq!(tx.create_session(user.id, NOW, &mut test.entropy).await.unwrap(), None);
        assert_eq!(tx.revoke_sessions(user.id).await.unwrap(), 0);
        assert_eq!(tx.call_record(call.id).await.unwrap(), None);
        for extension_id in [None, Some(extension.id)] {
            let filter = CallFilter {
                extension_id,
                ..CallFilter::default()
            };
            assert_eq!(tx.call_records(&filter, None, 10).await.unwrap().records, []);
            assert_eq!(tx.count_call_records(&filter).await.unwrap(), 0);
        }
        let loaded = tx.configuration().await.unwrap().unwrap();
        assert_eq!(
            (loaded.configuration.extensions, loaded.configuration.devices),
            (vec![], vec![])
        );
        assert_eq!(tx.commit().await.unwrap().version, None);

        let mut tx = test.read(&ours).await;
        assert_eq!(tx.extension(extension.id).await.unwrap(), Some(extension));
        assert_eq!(tx.device(device.id).await.unwrap(), Some(device));
    }

    #[tokio::test]
    async fn a_company_that_does_not_exist_can_be_looked_at_but_not_changed() {
        let mut test = TestStore::new().await;
        let nobody = TenantId::new(NOW, &mut test.entropy);
        let mut tx = test.store.read(nobody).await.unwrap();
        assert_eq!(tx.tenant().await.unwrap(), None);
        assert_eq!(tx.configuration().await.unwrap(), None);
        assert!(matches!(
            test.store.write(nobody, Author::server(NOW)).await,
            Err(StoreError::NoTenant)
        ));
    }

    #[tokio::test]
    async fn what_is_not_committed_did_not_happen() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let mut tx = test.write(&tenant).await;
        tx.create_extension(&draft("101"), NOW, &mut test.entropy)
            .await
            .unwrap();
        drop(tx);
        assert_eq!(test.read(&tenant).await.extensions().await.unwrap(), []);
        assert_eq!(test.read(&tenant).await.configuration_version().await.unwrap(), Some(1));
    }
}
