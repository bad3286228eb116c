//! The store: one database and one key ring, opened from a data folder.

use std::{fs, io, os::unix::fs::DirBuilderExt, path::Path, sync::Arc};

use thiserror::Error;
use wigwag_model::{Author, TenantId};
use wigwag_sansio::Entropy;

use crate::{
    KeyRing, KeyRingError, ReadOnly, ReadWrite, StoreError, TenantTx,
    db::{Db, PendingMigration, Scope, Tx, query},
    seal,
};

/// The database file's name in the data folder.
pub(crate) const DATABASE_FILE: &str = "wigwag.db";

/// Why the store cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The data folder cannot be made.
    #[error("the data folder cannot be made")]
    Folder(#[source] io::Error),
    /// The key ring cannot be used.
    #[error(transparent)]
    KeyRing(#[from] KeyRingError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everything that outlives the process, except the journal and the traces; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) keys: Arc<KeyRing>,
}

impl Store {
    /// Opens the store of the folder `data`, making what is not there: in the PostgreSQL database
    /// `database_url` if that is given, else in a file in the folder. Brings the schema up to date.
    pub async fn open(data: &Path, database_url: Option<&str>, entropy: &mut Entropy) -> Result<Store, OpenError> {
        make_folder(data).map_err(OpenError::Folder)?;
        let db = open_database(data, database_url).await?;
        db.migrate(None).await?;
        let keys = match KeyRing::read(data)? {
            Some(keys) => keys,
            None if holds_secrets(&db).await? => return Err(KeyRingError::Missing.into()),
            None => KeyRing::create(data, entropy)?,
        };
        Ok(Store {
            db,
            keys: Arc::new(keys),
        })
    }

    /// Which changes of the schema [`Store::open`] would make to the database first, in order; changes nothing.
    pub async fn pending_migrations(
        data: &Path,
        database_url: Option<&str>,
    ) -> Result<Vec<PendingMigration>, OpenError> {
        let db = if database_url.is_some() || data.join(DATABASE_FILE).exists() {
            open_database(data, database_url).await?
        } else {
            // Looking makes nothing: what was never there is as an empty database that nobody keeps.
            Db::sqlite(Path::new(":memory:")).await?
        };
        let pending = db.pending_migrations().await;
        db.close().await;
        Ok(pending?)
    }

    /// Begins to look at one company; what it sees does not change until it is dropped.
    pub async fn read(&self, tenant_id: TenantId) -> Result<TenantTx<ReadOnly>, StoreError> {
        Ok(TenantTx::reading(
            self.db.read(Scope::Tenant(tenant_id)).await?,
            tenant_id,
            self.keys.clone(),
        ))
    }

    /// Lets `author` begin to change one company, which must exist ([`StoreError::NoTenant`]); nobody else changes it
    /// until this is committed or dropped. On SQLite nobody else writes at all meanwhile: hold it only for queries.
    pub async fn write(&self, tenant_id: TenantId, author: Author) -> Result<TenantTx<ReadWrite>, StoreError> {
        let mut tx = self.db.write(Scope::Tenant(tenant_id)).await?;
        if !lock_tenant(&mut tx, tenant_id).await? {
            return Err(StoreError::NoTenant);
        }
        Ok(TenantTx::writing(tx, tenant_id, self.keys.clone(), author))
    }

    /// Adds a key to the ring and seals every secret again under it; tells how many.
    ///
    /// May run while a server uses the same data; interrupted, [`Store::reseal`] finishes it. Older keys stay in
    /// the ring, so that older backups can be restored.
    pub async fn rotate_secrets(&self, entropy: &mut Entropy) -> Result<u64, OpenError> {
        self.keys.add_key(entropy)?;
        Ok(self.reseal(entropy).await?)
    }

    /// Seals again what an interrupted [`Store::rotate_secrets`] left under older keys; tells how many.
    pub async fn reseal(&self, entropy: &mut Entropy) -> Result<u64, StoreError> {
        seal::reseal(&self.db, &self.keys, entropy).await
    }

    /// Whether the database answers, for the health endpoint and `wigwag doctor`.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.db
            .read(Scope::Platform)
            .await?
            .row(query("tenants", "SELECT 1 AS one"))
            .await?;
        Ok(())
    }

    /// Closes all connections after the transactions that are open.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// The database of the folder `data` as it is.
pub(crate) async fn open_database(data: &Path, database_url: Option<&str>) -> Result<Db, StoreError> {
    match database_url {
        Some(url) => Db::postgres(url).await,
        None => Db::sqlite(&data.join(DATABASE_FILE)).await,
    }
}

/// Only the server's own user may look into the folder: it holds keys and what people said of themselves.
pub(crate) fn make_folder(data: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data)
}

async fn holds_secrets(db: &Db) -> Result<bool, StoreError> {
    let any = "SELECT 1 AS one FROM extensions WHERE sealed_pin IS NOT NULL UNION ALL SELECT 1 AS one FROM devices UNION ALL SELECT 1 AS one FROM settings
         UNION ALL SELECT 1 AS one FROM gateways LIMIT 1";
    Ok(db
        .read(Scope::Platform)
        .await?
        .row(query("devices", any))
        .await?
        .is_some())
}

/// Whether the company exists; on PostgreSQL its writers wait for each other here, so that limits can be counted.
async fn lock_tenant(tx: &mut Tx, tenant_id: TenantId) -> Result<bool, StoreError> {
    let lock = match tx {
        Tx::Sqlite(_) => "SELECT 1 AS one FROM tenants WHERE id = $1",
        Tx::Postgres(_) => "SELECT 1 AS one FROM tenants WHERE id = $1 FOR UPDATE",
    };
    Ok(tx.row(query("tenants", lock).bind(&tenant_id)).await?.is_some())
}
