//! Devices: phones and apps, each with a SIP password of its own, sealed.

use serde::Serialize;
use wigwag_model::{Device, DeviceAuthentication, DeviceDraft, DeviceId, EntityKind, ExtensionId, TenantId, limits};
use wigwag_sansio::{Entropy, Secret, Utc};

use crate::{
    KeyRing, ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Query, Row, query},
    seal::Place,
};

const TABLE: &str = "devices";

/// A device without its password, which may be broken.
#[derive(Serialize)]
struct Described {
    id: DeviceId,
    extension_id: ExtensionId,
    name: String,
    authentication: DeviceAuthentication,
}

impl<Access> TenantTx<Access> {
    /// The devices of the extension `extension_id`, the oldest first.
    pub async fn devices(&mut self, extension_id: ExtensionId) -> Result<Vec<Device>, StoreError> {
        let select = query(
            TABLE,
            "SELECT tenant_id, id, extension_id, name, sealed_sip_password, authentication, created_at
             FROM devices WHERE tenant_id = $1 AND extension_id = $2 ORDER BY id",
        );
        let rows = self.tx.rows(select.bind(&self.tenant_id).bind(&extension_id)).await?;
        rows.iter().map(|row| device(row, &self.keys)).collect()
    }

    /// The device `id`.
    pub async fn device(&mut self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        let select = query(
            TABLE,
            "SELECT tenant_id, id, extension_id, name, sealed_sip_password, authentication, created_at
             FROM devices WHERE tenant_id = $1 AND id = $2",
        );
        let row = self.tx.row(select.bind(&self.tenant_id).bind(&id)).await?;
        row.as_ref().map(|row| device(row, &self.keys)).transpose()
    }

    pub(crate) async fn devices_of(&mut self, extension_id: ExtensionId) -> Result<u64, StoreError> {
        let count = query(
            TABLE,
            "SELECT COUNT(*) AS devices FROM devices WHERE tenant_id = $1 AND extension_id = $2",
        );
        let row = self.tx.row(count.bind(&self.tenant_id).bind(&extension_id)).await?;
        row.map_or(Ok(0), |row| row.read("devices"))
    }
}

impl TenantTx<ReadWrite> {
    /// Makes a device with a random SIP password for the extension `extension_id`; `draft` has no problems.
    ///
    /// `None` when there is no such extension, [`StoreError::VirtualWithDevices`] when it rings elsewhere;
    /// [`StoreError::Full`] when it has as many devices as it may.
    pub async fn create_device(
        &mut self,
        extension_id: ExtensionId,
        draft: &DeviceDraft,
        now: Utc,
        entropy: &mut Entropy,
    ) -> Result<Option<Device>, StoreError> {
        let Some(extension) = self.extension(extension_id).await? else {
            return Ok(None);
        };
        if extension.kind.is_virtual() {
            return Err(StoreError::VirtualWithDevices);
        }
        if self.devices_of(extension_id).await? >= limits::DEVICES_PER_EXTENSION as u64 {
            return Err(StoreError::Full {
                what: "devices",
                most: limits::DEVICES_PER_EXTENSION,
            });
        }
        let device = Device {
            id: DeviceId::new(now, entropy),
            tenant_id: self.tenant_id,
            extension_id,
            name: draft.name.clone(),
            sip_password: Secret::new(entropy.word(limits::SIP_PASSWORD_SYMBOLS)),
            authentication: draft.authentication,
            created_at: now,
        };
        let row_id = device.id.to_string();
        let sealed = self
            .keys
            .seal(place(&row_id), device.sip_password.expose().as_bytes(), entropy);
        let insert = query(
            TABLE,
            "INSERT INTO devices
                 (tenant_id, id, extension_id, name, sealed_sip_password, authentication, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&device.tenant_id)
        .bind(&device.id)
        .bind(&device.extension_id)
        .bind(&device.name)
        .bind(&sealed)
        .bind(&device.authentication)
        .bind(&device.created_at);
        self.tx.run(insert).await?;
        let described = Described {
            id: device.id,
            extension_id,
            name: device.name.clone(),
            authentication: device.authentication,
        };
        self.record(None, Some(&described)).await?;
        Ok(Some(device))
    }

    /// Removes the device `id` with its registrations, and tells whether there was one.
    pub async fn remove_device(&mut self, id: DeviceId) -> Result<bool, StoreError> {
        let delete = query(
            TABLE,
            "DELETE FROM devices WHERE tenant_id = $1 AND id = $2 RETURNING id, extension_id, name, authentication",
        );
        let Some(row) = self.tx.row(delete.bind(&self.tenant_id).bind(&id)).await? else {
            return Ok(false);
        };
        self.record(Some(&Described::read(&row)?), None).await?;
        Ok(true)
    }
}

impl Described {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Described {
            id: row.read("id")?,
            extension_id: row.read("extension_id")?,
            name: row.read("name")?,
            authentication: row.read("authentication")?,
        })
    }
}

impl Audited for Described {
    const KIND: EntityKind = EntityKind::Device;

    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// The devices of all the company's extensions.
pub(crate) fn select_all(tenant_id: TenantId) -> Query {
    query(
        TABLE,
        "SELECT tenant_id, id, extension_id, name, sealed_sip_password, authentication, created_at
         FROM devices WHERE tenant_id = $1 ORDER BY id",
    )
    .bind(&tenant_id)
}

pub(crate) fn device(row: &Row, keys: &KeyRing) -> Result<Device, StoreError> {
    let (row_id, sealed): (String, Vec<u8>) = (row.read("id")?, row.read("sealed_sip_password")?);
    let plain = keys
        .open(place(&row_id), &sealed)
        .map_err(|source| StoreError::Sealed { table: TABLE, source })?;
    let password = String::from_utf8(plain.expose().clone()).map_err(|_| row.corrupt("sealed_sip_password"))?;
    Ok(Device {
        id: row.read("id")?,
        tenant_id: row.read("tenant_id")?,
        extension_id: row.read("extension_id")?,
        name: row.read("name")?,
        sip_password: Secret::new(password),
        authentication: row.read("authentication")?,
        created_at: row.read("created_at")?,
    })
}

fn place(row_id: &str) -> Place<'_> {
    Place {
        table: TABLE,
        column: "sealed_sip_password",
        row: row_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, TestStore};

    fn draft() -> DeviceDraft {
        DeviceDraft {
            name: "Desk".to_owned(),
            authentication: DeviceAuthentication::Sha256,
        }
    }

    #[tokio::test]
    async fn a_device_keeps_its_password_over_a_restart() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let device = test.device(&extension).await;
        assert_eq!(device.sip_password.expose().len(), limits::SIP_PASSWORD_SYMBOLS);
        test.reopen().await.unwrap();
        let mut tx = test.read(&tenant).await;
        assert_eq!(tx.device(device.id).await.unwrap().as_ref(), Some(&device));
        assert_eq!(tx.devices(extension.id).await.unwrap(), [device]);
    }

    #[tokio::test]
    async fn an_extension_has_at_most_25_devices() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let mut tx = test.write(&tenant).await;
        for _ in 0..limits::DEVICES_PER_EXTENSION {
            tx.create_device(extension.id, &draft(), NOW, &mut test.entropy)
                .await
                .unwrap();
        }
        let one_more = tx.create_device(extension.id, &draft(), NOW, &mut test.entropy).await;
        assert!(matches!(
            one_more,
            Err(StoreError::Full {
                what: "devices",
                most: 25
            })
        ));
    }

    #[tokio::test]
    async fn a_password_copied_to_another_device_quarantines_that_device_alone() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let (good, bad) = (test.device(&extension).await, test.device(&extension).await);
        let mut tx = test.store.db.write(crate::db::Scope::Platform).await.unwrap();
        let copy = "UPDATE devices SET sealed_sip_password =
                (SELECT sealed_sip_password FROM devices WHERE id = $1) WHERE id = $2";
        tx.run(query(TABLE, copy).bind(&good.id).bind(&bad.id)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = test.read(&tenant).await;
        assert!(matches!(tx.device(bad.id).await, Err(StoreError::Sealed { .. })));
        let loaded = tx.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.devices, [good]);
        assert_eq!(loaded.quarantined.len(), 1);
        assert_eq!(
            (loaded.quarantined[0].id.clone(), loaded.quarantined[0].column),
            (bad.id.to_string(), None)
        );
    }
}
