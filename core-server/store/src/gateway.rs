//! Gateways to carriers: settings as JSON, and the password sealed beside them.

use wigwag_model::{EntityKind, Gateway, GatewayId, GatewaySettings};
use wigwag_sansio::{Entropy, Secret};

use crate::{
    KeyRing, PlatformTx, Store, StoreError,
    audit::Audited,
    db::{Query, Row, Scope, Tx, query},
    seal::Place,
};

const TABLE: &str = "gateways";

/// All gateways, and how many of them cannot be used because they cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadedGateways {
    /// Those that can be read, in the order of their names.
    pub gateways: Vec<Gateway>,
    /// How many cannot.
    pub left_out: u64,
}

impl Store {
    /// All gateways with their passwords; one that is broken does not take the others along.
    pub async fn gateways(&self) -> Result<LoadedGateways, StoreError> {
        let mut tx = self.db.read(Scope::Platform).await?;
        let rows = tx.rows(query(TABLE, "SELECT * FROM gateways ORDER BY name")).await?;
        let mut loaded = LoadedGateways::default();
        for row in &rows {
            match gateway(row, &self.keys) {
                Ok(gateway) => loaded.gateways.push(gateway),
                Err(StoreError::Corrupt { .. } | StoreError::Sealed { .. }) => loaded.left_out += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(loaded)
    }

    /// The gateway `id` with its password.
    pub async fn gateway(&self, id: GatewayId) -> Result<Option<Gateway>, StoreError> {
        find(&mut self.db.read(Scope::Platform).await?, &self.keys, id).await
    }
}

impl PlatformTx {
    /// The gateway `id` with its password.
    pub async fn gateway(&mut self, id: GatewayId) -> Result<Option<Gateway>, StoreError> {
        find(&mut self.tx, &self.keys, id).await
    }

    /// Makes a gateway; `settings` have no problems. The name may be in [conflict](StoreError::Conflict).
    pub async fn create_gateway(
        &mut self,
        settings: &GatewaySettings,
        entropy: &mut Entropy,
    ) -> Result<Gateway, StoreError> {
        let gateway = Gateway {
            id: GatewayId::new(self.at(), entropy),
            revision: Default::default(),
            settings: settings.clone(),
        };
        let insert = query(
            TABLE,
            "INSERT INTO gateways (id, name, settings, sealed_password, revision) VALUES ($1, $2, $3, $4, $5)",
        );
        let insert = bound(insert, &gateway, &self.keys, entropy).bind(&gateway.revision);
        self.tx.run(insert).await?;
        self.record(None, Some(&gateway)).await?;
        Ok(gateway)
    }

    /// Changes the gateway `id` into what `settings` say, which have no problems; `None` when there is none.
    ///
    /// Whoever may only change what nobody else has changed compares the revision in this same transaction.
    pub async fn update_gateway(
        &mut self,
        id: GatewayId,
        settings: &GatewaySettings,
        entropy: &mut Entropy,
    ) -> Result<Option<Gateway>, StoreError> {
        let Some(before) = self.gateway(id).await? else {
            return Ok(None);
        };
        let after = Gateway {
            id,
            revision: before.revision.next(),
            settings: settings.clone(),
        };
        let update = query(
            TABLE,
            "UPDATE gateways SET name = $2, settings = $3, sealed_password = $4, revision = $5 WHERE id = $1",
        );
        let update = bound(update, &after, &self.keys, entropy).bind(&after.revision);
        self.tx.run(update).await?;
        self.record(Some(&before), Some(&after)).await?;
        Ok(Some(after))
    }

    /// Removes the gateway `id`, and tells what it was.
    pub async fn remove_gateway(&mut self, id: GatewayId) -> Result<Option<Gateway>, StoreError> {
        let Some(before) = self.gateway(id).await? else {
            return Ok(None);
        };
        self.tx
            .run(query(TABLE, "DELETE FROM gateways WHERE id = $1").bind(&id))
            .await?;
        self.record(Some(&before), None).await?;
        Ok(Some(before))
    }
}

impl Audited for Gateway {
    const KIND: EntityKind = EntityKind::Gateway;

    fn key(&self) -> String {
        self.id.to_string()
    }
}

async fn find(tx: &mut Tx, keys: &KeyRing, id: GatewayId) -> Result<Option<Gateway>, StoreError> {
    let select = query(TABLE, "SELECT * FROM gateways WHERE id = $1");
    let row = tx.row(select.bind(&id)).await?;
    row.as_ref().map(|row| gateway(row, keys)).transpose()
}

/// `statement` with id, name, settings and sealed password from `$1` to `$4`.
fn bound(statement: Query, gateway: &Gateway, keys: &KeyRing, entropy: &mut Entropy) -> Query {
    let mut settings = gateway.settings.clone();
    let password = settings
        .credentials
        .as_mut()
        .map(|credentials| std::mem::take(&mut credentials.password));
    let row_id = gateway.id.to_string();
    let sealed = password.map(|password| keys.seal(place(&row_id), password.expose().as_bytes(), entropy));
    let json = serde_json::to_string(&settings).expect("settings are plain data with text keys");
    statement
        .bind(&gateway.id)
        .bind(&gateway.settings.name)
        .bind(&json)
        .bind(&sealed)
}

fn gateway(row: &Row, keys: &KeyRing) -> Result<Gateway, StoreError> {
    let (row_id, json): (String, String) = (row.read("id")?, row.read("settings")?);
    let mut settings: GatewaySettings = serde_json::from_str(&json).map_err(|_| row.corrupt("settings"))?;
    let sealed: Option<Vec<u8>> = row.read("sealed_password")?;
    if let (Some(credentials), Some(sealed)) = (&mut settings.credentials, sealed) {
        let plain = keys
            .open(place(&row_id), &sealed)
            .map_err(|source| StoreError::Sealed { table: TABLE, source })?;
        let password = String::from_utf8(plain.expose().clone()).map_err(|_| row.corrupt("sealed_password"))?;
        credentials.password = Secret::new(password);
    }
    Ok(Gateway {
        id: row.read("id")?,
        revision: row.read("revision")?,
        settings,
    })
}

fn place(row_id: &str) -> Place<'_> {
    Place {
        table: TABLE,
        column: "sealed_password",
        row: row_id,
    }
}

#[cfg(test)]
mod tests {
    use wigwag_model::{Author, GatewayCredentials, Revision};

    use super::*;
    use crate::{
        AuditFilter,
        testing::{NOW, TestStore},
    };

    fn settings(name: &str) -> GatewaySettings {
        GatewaySettings {
            credentials: Some(GatewayCredentials {
                username: "wigwag".into(),
                password: Secret::new("carrier-secret".to_owned()),
            }),
            ..GatewaySettings::new(name, "sip.example")
        }
    }

    #[tokio::test]
    async fn a_gateway_keeps_its_password_over_a_restart_and_a_rotation_and_never_tells_the_log() {
        let mut test = TestStore::new().await;
        let mut tx = test.store.write_platform(Author::server(NOW)).await.unwrap();
        let made = tx
            .create_gateway(&settings("Carrier"), &mut test.entropy)
            .await
            .unwrap();
        let changed = tx.update_gateway(made.id, &settings("Other"), &mut test.entropy).await;
        let changed = changed.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            (changed.revision, changed.settings.name.as_str()),
            (Revision(1), "Other")
        );
        assert_eq!(test.store.rotate_secrets(&mut test.entropy).await.unwrap(), 1);
        test.reopen().await.unwrap();
        assert_eq!(
            test.store.gateways().await.unwrap().gateways,
            std::slice::from_ref(&changed)
        );
        let log = test
            .store
            .platform_audit_log(&AuditFilter::default(), None, 10)
            .await
            .unwrap();
        let text = format!("{:?}", log.entries);
        assert!(text.contains("Carrier") && text.contains("Other") && !text.contains("carrier-secret"));
        let mut tx = test.store.write_platform(Author::server(NOW)).await.unwrap();
        assert_eq!(tx.remove_gateway(made.id).await.unwrap(), Some(changed));
        assert_eq!(tx.remove_gateway(made.id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_name_is_taken_once_and_a_broken_gateway_does_not_take_the_others_along() {
        let mut test = TestStore::new().await;
        let mut tx = test.store.write_platform(Author::server(NOW)).await.unwrap();
        let good = tx.create_gateway(&settings("Good"), &mut test.entropy).await.unwrap();
        let bad = tx.create_gateway(&settings("Bad"), &mut test.entropy).await.unwrap();
        let copy = "UPDATE gateways SET sealed_password =
                (SELECT sealed_password FROM gateways WHERE id = $1) WHERE id = $2";
        tx.tx
            .run(query(TABLE, copy).bind(&good.id).bind(&bad.id))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let loaded = test.store.gateways().await.unwrap();
        assert_eq!((loaded.gateways, loaded.left_out), (vec![good], 1));
        let mut tx = test.store.write_platform(Author::server(NOW)).await.unwrap();
        let again = tx.create_gateway(&settings("Good"), &mut test.entropy).await;
        assert!(matches!(again, Err(StoreError::Conflict { field: "name" })));
    }
}
