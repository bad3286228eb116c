//! PINs of extensions, sealed: four digits for the mailbox and for hot desking (A27).

use serde::Serialize;
use wigwag_model::{EntityKind, ExtensionId, Pin};
use wigwag_sansio::Entropy;

use crate::{
    KeyRing, ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Row, query},
    seal::Place,
};

const TABLE: &str = "extensions";

/// That there is a PIN, as the audit log tells of it.
#[derive(Serialize)]
struct HasPin {
    extension_id: ExtensionId,
}

impl<Access> TenantTx<Access> {
    /// The PIN of the extension `id`, if there is both.
    pub async fn pin(&mut self, id: ExtensionId) -> Result<Option<Pin>, StoreError> {
        let select = query(
            TABLE,
            "SELECT id, sealed_pin FROM extensions WHERE tenant_id = $1 AND id = $2",
        );
        let row = self.tx.row(select.bind(&self.tenant_id).bind(&id)).await?;
        row.map_or(Ok(None), |row| pin(&row, &self.keys))
    }
}

impl TenantTx<ReadWrite> {
    /// Gives the extension `id` the PIN `pin`, and tells whether there is such an extension.
    pub async fn set_pin(&mut self, id: ExtensionId, pin: &Pin, entropy: &mut Entropy) -> Result<bool, StoreError> {
        let row_id = id.to_string();
        let sealed = self.keys.seal(place(&row_id), pin.expose().as_bytes(), entropy);
        let update = query(
            TABLE,
            "UPDATE extensions SET sealed_pin = $3, revision = revision + 1 WHERE tenant_id = $1 AND id = $2",
        );
        let update = update.bind(&self.tenant_id).bind(&id).bind(&sealed);
        let there = self.tx.run(update).await? > 0;
        if there {
            let described = HasPin { extension_id: id };
            self.record(Some(&described), Some(&described)).await?;
        }
        Ok(there)
    }
}

/// The PIN in `row` of the table of extensions.
pub(crate) fn pin(row: &Row, keys: &KeyRing) -> Result<Option<Pin>, StoreError> {
    let (row_id, sealed): (String, Option<Vec<u8>>) = (row.read("id")?, row.read("sealed_pin")?);
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = keys
        .open(place(&row_id), &sealed)
        .map_err(|source| StoreError::Sealed { table: TABLE, source })?;
    let digits = str::from_utf8(plain.expose())
        .ok()
        .and_then(|digits| digits.parse().ok());
    digits.map(Some).ok_or_else(|| row.corrupt("sealed_pin"))
}

/// The sealed `pin` of an extension that is made.
pub(crate) fn sealed(id: ExtensionId, pin: &Pin, keys: &KeyRing, entropy: &mut Entropy) -> Vec<u8> {
    keys.seal(place(&id.to_string()), pin.expose().as_bytes(), entropy)
}

fn place(row_id: &str) -> Place<'_> {
    Place {
        table: TABLE,
        column: "sealed_pin",
        row: row_id,
    }
}

impl Audited for HasPin {
    const KIND: EntityKind = EntityKind::Pin;

    fn key(&self) -> String {
        self.extension_id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db::Scope, testing::TestStore};

    #[tokio::test]
    async fn every_extension_has_a_pin_of_its_own_that_can_be_changed() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let mut tx = test.write(&tenant).await;
        assert!(tx.pin(extension.id).await.unwrap().is_some());
        let pin = "2580".parse().unwrap();
        assert!(tx.set_pin(extension.id, &pin, &mut test.entropy).await.unwrap());
        assert!(tx.extension(extension.id).await.unwrap().unwrap().revision > extension.revision);
        assert!(tx.commit().await.unwrap().version.is_some());
        test.store.rotate_secrets(&mut test.entropy).await.unwrap();
        test.reopen().await.unwrap();
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.call_handling.pins, [(extension.id, pin)]);
    }

    #[tokio::test]
    async fn a_pin_copied_from_elsewhere_leaves_the_extension_without_one() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let (first, second) = (
            test.extension(&tenant, "101").await,
            test.extension(&tenant, "102").await,
        );
        let mut tx = test.store.db.write(Scope::Platform).await.unwrap();
        let copy = "UPDATE extensions SET sealed_pin = (SELECT sealed_pin FROM extensions WHERE id = $1) WHERE id = $2";
        tx.run(query(TABLE, copy).bind(&first.id).bind(&second.id))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.extensions.len(), 2);
        assert_eq!(loaded.configuration.call_handling.pins.len(), 1);
        assert_eq!(loaded.quarantined[0].id, second.id.to_string());
    }
}
