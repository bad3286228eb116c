//! Sealing everything again under the newest key, in batches; interrupted, it is simply run again.

use wigwag_sansio::Entropy;

use super::{KeyRing, Place};
use crate::{
    StoreError,
    db::{Db, Scope, query},
};

const BATCH: i64 = 200;

/// A column with sealed blobs.
struct SealedColumn {
    table: &'static str,
    column: &'static str,
    /// The next rows after `$1` in the order of their ids, `$2` of them, as `id` and `blob`.
    page: &'static str,
    /// Puts `$3` into row `$1` if `$2` still stands there.
    replace: &'static str,
}

const SEALED_COLUMNS: &[SealedColumn] = &[
    SealedColumn {
        table: "extensions",
        column: "sealed_pin",
        page: "SELECT id, sealed_pin AS blob FROM extensions WHERE id > $1 AND sealed_pin IS NOT NULL
               ORDER BY id LIMIT $2",
        replace: "UPDATE extensions SET sealed_pin = $3 WHERE id = $1 AND sealed_pin = $2",
    },
    SealedColumn {
        table: "devices",
        column: "sealed_sip_password",
        page: "SELECT id, sealed_sip_password AS blob FROM devices WHERE id > $1 ORDER BY id LIMIT $2",
        replace: "UPDATE devices SET sealed_sip_password = $3 WHERE id = $1 AND sealed_sip_password = $2",
    },
    SealedColumn {
        table: "gateways",
        column: "sealed_password",
        page: "SELECT id, sealed_password AS blob FROM gateways
               WHERE id > $1 AND sealed_password IS NOT NULL ORDER BY id LIMIT $2",
        replace: "UPDATE gateways SET sealed_password = $3 WHERE id = $1 AND sealed_password = $2",
    },
    SealedColumn {
        table: "settings",
        column: "sealed_value",
        page: "SELECT name AS id, sealed_value AS blob FROM settings WHERE name > $1 ORDER BY name LIMIT $2",
        replace: "UPDATE settings SET sealed_value = $3 WHERE name = $1 AND sealed_value = $2",
    },
];

/// Seals every blob that an older key has sealed again under the newest one, and tells how many.
pub(crate) async fn reseal(db: &Db, keys: &KeyRing, entropy: &mut Entropy) -> Result<u64, StoreError> {
    let mut resealed = 0;
    for column in SEALED_COLUMNS {
        let mut after = Some(String::new());
        while let Some(last) = after {
            let (next, count) = reseal_batch(db, keys, column, &last, entropy).await?;
            resealed += count;
            after = next;
        }
    }
    Ok(resealed)
}

/// One transaction: the rows after `after`. Tells where the next batch begins, unless this was the last.
async fn reseal_batch(
    db: &Db,
    keys: &KeyRing,
    column: &SealedColumn,
    after: &String,
    entropy: &mut Entropy,
) -> Result<(Option<String>, u64), StoreError> {
    let mut tx = db.write(Scope::Platform).await?;
    let rows = tx
        .rows(query(column.table, column.page).bind(after).bind(&BATCH))
        .await?;
    let (mut last, mut count) = (None, 0);
    for row in rows {
        let (id, blob): (String, Vec<u8>) = (row.read("id")?, row.read("blob")?);
        let place = Place {
            table: column.table,
            column: column.column,
            row: &id,
        };
        if !keys.is_newest(&blob) {
            let plain = keys.open(place, &blob).map_err(|source| StoreError::Sealed {
                table: column.table,
                source,
            })?;
            let fresh = keys.seal(place, plain.expose(), entropy);
            count += tx
                .run(query(column.table, column.replace).bind(&id).bind(&blob).bind(&fresh))
                .await?;
        }
        last = Some(id);
    }
    tx.commit().await?;
    Ok((last, count))
}
