//! A transaction within one company: every query about a company's things is a method of it.

use std::{marker::PhantomData, sync::Arc};

use wigwag_model::TenantId;

use crate::{
    KeyRing, StoreError,
    db::{Tx, query},
};

/// The access of a [`TenantTx`] that only looks; it never waits for a writer.
#[derive(Debug)]
pub enum ReadOnly {}

/// The access of a [`TenantTx`] that also changes.
#[derive(Debug)]
pub enum ReadWrite {}

/// A transaction that sees and touches one company only; dropping it undoes what it did.
///
/// After an error it must be dropped, since PostgreSQL takes no further statement then.
#[derive(Debug)]
pub struct TenantTx<Access = ReadWrite> {
    pub(crate) tx: Tx,
    pub(crate) tenant_id: TenantId,
    pub(crate) keys: Arc<KeyRing>,
    configuration_changed: bool,
    access: PhantomData<Access>,
}

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a new configuration version has to reach the snapshot before the change is answered"]
pub struct Committed {
    /// The company's new configuration version, if its configuration changed.
    pub version: Option<u64>,
}

impl<Access> TenantTx<Access> {
    pub(crate) fn new(tx: Tx, tenant_id: TenantId, keys: Arc<KeyRing>) -> Self {
        TenantTx {
            tx,
            tenant_id,
            keys,
            configuration_changed: false,
            access: PhantomData,
        }
    }

    /// The company.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }
}

impl TenantTx<ReadWrite> {
    /// Makes the changes last; if they touch the configuration, its version rises with them.
    pub async fn commit(mut self) -> Result<Committed, StoreError> {
        let version = if self.configuration_changed {
            Some(self.next_version().await?)
        } else {
            None
        };
        self.tx.commit().await?;
        Ok(Committed { version })
    }

    /// Notes that a call's decision may depend on what was just changed.
    pub(crate) fn configuration_changed(&mut self) {
        self.configuration_changed = true;
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
