//! What the server itself has to remember from one start to the next; sealed, since it may hold passwords.

use wigwag_sansio::{Entropy, Secret};

use crate::{
    Store, StoreError,
    db::{Scope, query},
    seal::Place,
};

const TABLE: &str = "settings";

impl Store {
    /// The text kept under `name`.
    pub async fn setting(&self, name: &str) -> Result<Option<Secret<String>>, StoreError> {
        let select = query(TABLE, "SELECT sealed_value FROM settings WHERE name = $1");
        let Some(row) = self
            .db
            .read(Scope::Platform)
            .await?
            .row(select.bind(&name.to_owned()))
            .await?
        else {
            return Ok(None);
        };
        let sealed: Vec<u8> = row.read("sealed_value")?;
        let plain = self
            .keys
            .open(place(name), &sealed)
            .map_err(|source| StoreError::Sealed { table: TABLE, source })?;
        let text = String::from_utf8(plain.expose().clone()).map_err(|_| row.corrupt("sealed_value"))?;
        Ok(Some(Secret::new(text)))
    }

    /// Keeps `value` under `name`, in place of what was there.
    pub async fn set_setting(
        &self,
        name: &str,
        value: &Secret<String>,
        entropy: &mut Entropy,
    ) -> Result<(), StoreError> {
        let sealed = self.keys.seal(place(name), value.expose().as_bytes(), entropy);
        let upsert = query(
            TABLE,
            "INSERT INTO settings (name, sealed_value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET sealed_value = excluded.sealed_value",
        );
        let mut tx = self.db.write(Scope::Platform).await?;
        tx.run(upsert.bind(&name.to_owned()).bind(&sealed)).await?;
        tx.commit().await
    }
}

fn place(name: &str) -> Place<'_> {
    Place {
        table: TABLE,
        column: "sealed_value",
        row: name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyRingError, OpenError, testing::TestStore};

    fn text(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_setting_is_replaced_and_survives_a_rotation_of_the_keys() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let device = test.device(&extension).await;
        assert_eq!(test.store.setting("demo").await.unwrap(), None);
        test.store
            .set_setting("demo", &text("one"), &mut test.entropy)
            .await
            .unwrap();
        test.store
            .set_setting("demo", &text("two"), &mut test.entropy)
            .await
            .unwrap();
        // The setting, the password of the device and the PIN of the extension.
        assert_eq!(test.store.rotate_secrets(&mut test.entropy).await.unwrap(), 3);
        assert_eq!(test.store.reseal(&mut test.entropy).await.unwrap(), 0);
        test.reopen().await.unwrap();
        assert_eq!(test.store.setting("demo").await.unwrap(), Some(text("two")));
        assert_eq!(test.read(&tenant).await.device(device.id).await.unwrap(), Some(device));
    }

    #[tokio::test]
    async fn a_rotation_that_a_crash_interrupted_is_finished_later() {
        let mut test = TestStore::new().await;
        test.store
            .set_setting("old", &text("one"), &mut test.entropy)
            .await
            .unwrap();
        test.store.keys.add_key(&mut test.entropy).unwrap();
        test.reopen().await.unwrap();
        test.store
            .set_setting("new", &text("two"), &mut test.entropy)
            .await
            .unwrap();
        assert_eq!(test.store.setting("old").await.unwrap(), Some(text("one")));
        assert_eq!(test.store.reseal(&mut test.entropy).await.unwrap(), 1);
        assert_eq!(test.store.setting("old").await.unwrap(), Some(text("one")));
    }

    #[tokio::test]
    async fn the_store_does_not_open_without_the_keys_of_its_secrets() {
        let mut test = TestStore::new().await;
        let keys = test.folder.path().join("keys.json");
        std::fs::remove_file(&keys).unwrap();
        // Nothing was sealed yet: a new ring is made.
        test.reopen().await.unwrap();
        test.store
            .set_setting("demo", &text("one"), &mut test.entropy)
            .await
            .unwrap();
        std::fs::remove_file(&keys).unwrap();
        let refused = test.reopen().await;
        assert!(matches!(refused, Err(OpenError::KeyRing(KeyRingError::Missing))));
    }
}
