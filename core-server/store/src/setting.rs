//! What the server itself has to remember from one start to the next; sealed, since it may hold passwords.

use wigwag_sansio::{Entropy, Secret};

use crate::{Store, StoreError, db::query, seal::Place};

const TABLE: &str = "settings";

impl Store {
    /// The text kept under `name`.
    pub async fn setting(&self, name: &str) -> Result<Option<Secret<String>>, StoreError> {
        let select = query(TABLE, "SELECT sealed_value FROM settings WHERE name = $1");
        let Some(row) = self.db.read().await?.row(select.bind(&name.to_owned())).await? else {
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
        let mut tx = self.db.write().await?;
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
