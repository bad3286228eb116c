//! Companies, and the configuration that their calls are decided from.

use std::collections::BTreeSet;

use wigwag_model::{Author, ExtensionId, Tenant, TenantConfiguration, TenantId, limits};
use wigwag_sansio::{Entropy, Utc};

use crate::{
    Store, StoreError, TenantTx,
    audit::{self, Owner},
    db::{Row, Scope, query},
    device, extension, pin,
};

const TABLE: &str = "tenants";

/// An entity that cannot be used, because a column of it holds what we would never have stored.
///
/// The rest of the company goes on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The table it is in.
    pub table: &'static str,
    /// Its identity.
    pub id: String,
    /// The column that is broken; `None` when a secret of it cannot be opened.
    pub column: Option<&'static str>,
}

/// A company's configuration, and what had to be left out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedConfiguration {
    /// All that can be used.
    pub configuration: TenantConfiguration,
    /// What cannot.
    pub quarantined: Vec<Quarantined>,
}

impl Store {
    /// Adds a company; `name` is valid ([`wigwag_model::Problem::of_name`]).
    pub async fn create_tenant(&self, name: &str, now: Utc, entropy: &mut Entropy) -> Result<Tenant, StoreError> {
        let tenant = Tenant {
            id: TenantId::new(now, entropy),
            name: name.to_owned(),
            concurrent_calls: limits::CONCURRENT_CALLS,
            created_at: now,
        };
        let insert = query(
            TABLE,
            "INSERT INTO tenants (id, name, concurrent_calls, configuration_version, created_at)
             VALUES ($1, $2, $3, 1, $4)",
        )
        .bind(&tenant.id)
        .bind(&tenant.name)
        .bind(&tenant.concurrent_calls)
        .bind(&tenant.created_at);
        let mut tx = self.db.write(Scope::Platform).await?;
        tx.run(insert).await?;
        let owner = Owner::Tenant(tenant.id);
        audit::record(&mut tx, owner, &Author::server(now), None, Some(&tenant)).await?;
        tx.commit().await?;
        Ok(tenant)
    }

    /// The companies after `after` in the order of their ids, at most `limit` of them.
    pub async fn tenants(&self, after: Option<TenantId>, limit: u32) -> Result<Vec<Tenant>, StoreError> {
        let select = query(
            TABLE,
            "SELECT id, name, concurrent_calls, created_at FROM tenants WHERE id > $1 ORDER BY id LIMIT $2",
        )
        .bind(&after.map_or_else(String::new, |id| id.to_string()))
        .bind(&limit);
        let rows = self.db.read(Scope::Platform).await?.rows(select).await?;
        rows.iter().map(tenant).collect()
    }
}

impl<Access> TenantTx<Access> {
    /// The company itself; `None` when it does not exist.
    pub async fn tenant(&mut self) -> Result<Option<Tenant>, StoreError> {
        let select = query(
            TABLE,
            "SELECT id, name, concurrent_calls, created_at FROM tenants WHERE id = $1",
        );
        let row = self.tx.row(select.bind(&self.tenant_id)).await?;
        row.as_ref().map(tenant).transpose()
    }

    /// The version of the company's configuration; `None` when the company does not exist.
    pub async fn configuration_version(&mut self) -> Result<Option<u64>, StoreError> {
        let select = query(TABLE, "SELECT configuration_version FROM tenants WHERE id = $1");
        let row = self.tx.row(select.bind(&self.tenant_id)).await?;
        row.map(|row| row.read("configuration_version")).transpose()
    }

    /// Everything that a decision about the company's calls depends on; `None` when the company does not exist.
    pub async fn configuration(&mut self) -> Result<Option<LoadedConfiguration>, StoreError> {
        let Some(version) = self.configuration_version().await? else {
            return Ok(None);
        };
        let Some(tenant) = self.tenant().await? else {
            return Ok(None);
        };
        let mut quarantined = Vec::new();
        let rows = self.tx.rows(extension::select_all(self.tenant_id)).await?;
        let extensions = usable(&rows, &mut quarantined, extension::extension)?;
        let keys = &self.keys;
        let pins = usable(&rows, &mut quarantined, |row| {
            let id: ExtensionId = row.read("id")?;
            Ok(pin::pin(row, keys)?.map(|pin| (id, pin)))
        })?;
        let rows = self.tx.rows(device::select_all(self.tenant_id)).await?;
        let keys = &self.keys;
        let mut devices = usable(&rows, &mut quarantined, |row| device::device(row, keys))?;
        let known: BTreeSet<ExtensionId> = extensions.iter().map(|extension| extension.id).collect();
        devices.retain(|device| known.contains(&device.extension_id));
        let mut call_handling = self.call_handling(&mut quarantined).await?;
        call_handling.pins = pins.into_iter().flatten().collect();
        Ok(Some(LoadedConfiguration {
            configuration: TenantConfiguration {
                version,
                tenant,
                extensions,
                devices,
                call_handling,
            },
            quarantined,
        }))
    }
}

fn tenant(row: &Row) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: row.read("id")?,
        name: row.read("name")?,
        concurrent_calls: row.read("concurrent_calls")?,
        created_at: row.read("created_at")?,
    })
}

/// Reads every row that can be read, and notes the others.
pub(crate) fn usable<T>(
    rows: &[Row],
    quarantined: &mut Vec<Quarantined>,
    read: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut entities = Vec::with_capacity(rows.len());
    for row in rows {
        let (table, column) = match read(row) {
            Ok(entity) => {
                entities.push(entity);
                continue;
            }
            Err(StoreError::Corrupt { table, column }) => (table, Some(column)),
            Err(StoreError::Sealed { table, .. }) => (table, None),
            Err(error) => return Err(error),
        };
        let id = row.read("id").unwrap_or_default();
        quarantined.push(Quarantined { table, id, column });
    }
    Ok(entities)
}
