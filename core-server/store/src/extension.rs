//! Extensions: 3-digit numbers within a company, each with a SIP username of its own on the platform.

use wigwag_model::{Extension, ExtensionDraft, ExtensionId, SipUsername, TenantId};
use wigwag_sansio::{Entropy, Utc};

use crate::{
    ReadWrite, StoreError, TenantTx,
    db::{Query, Row, query},
};

const TABLE: &str = "extensions";

/// How many random usernames are tried; with nine tenths of all handed out, one in a thousand times none is free.
const ATTEMPTS: u32 = 64;
/// Usernames have no leading zero, which people leave out.
const FIRST_SIP_USERNAME: u32 = 100_000;
const SIP_USERNAMES: u32 = 900_000;

impl<Access> TenantTx<Access> {
    /// The company's extensions in the order of their numbers.
    pub async fn extensions(&mut self) -> Result<Vec<Extension>, StoreError> {
        let rows = self.tx.rows(select_all(self.tenant_id)).await?;
        rows.iter().map(extension).collect()
    }

    /// The extension `id`.
    pub async fn extension(&mut self, id: ExtensionId) -> Result<Option<Extension>, StoreError> {
        let select = query(
            TABLE,
            "SELECT tenant_id, id, number, sip_username, name, ring_timeout_s, call_waiting, created_at
             FROM extensions WHERE tenant_id = $1 AND id = $2",
        );
        let row = self.tx.row(select.bind(&self.tenant_id).bind(&id)).await?;
        row.as_ref().map(extension).transpose()
    }
}

impl TenantTx<ReadWrite> {
    /// Makes an extension with a SIP username that nobody else has; `draft` has no problems.
    ///
    /// The number may be in [conflict](StoreError::Conflict); [`StoreError::Full`] when the platform's usernames are
    /// all but handed out.
    pub async fn create_extension(
        &mut self,
        draft: &ExtensionDraft,
        now: Utc,
        entropy: &mut Entropy,
    ) -> Result<Extension, StoreError> {
        let id = ExtensionId::new(now, entropy);
        for _ in 0..ATTEMPTS {
            let sip_username = random_sip_username(entropy);
            let insert = query(
                TABLE,
                "INSERT INTO extensions
                     (tenant_id, id, number, sip_username, name, ring_timeout_s, call_waiting, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                 ON CONFLICT (sip_username) DO NOTHING
                 RETURNING tenant_id, id, number, sip_username, name, ring_timeout_s, call_waiting, created_at",
            )
            .bind(&self.tenant_id)
            .bind(&id)
            .bind(&draft.number)
            .bind(&sip_username)
            .bind(&draft.name)
            .bind(&draft.ring_timeout_s)
            .bind(&draft.call_waiting)
            .bind(&now);
            if let Some(row) = self.tx.row(insert).await? {
                self.configuration_changed();
                return extension(&row);
            }
        }
        Err(StoreError::Full {
            what: "SIP usernames",
            most: SIP_USERNAMES as usize,
        })
    }

    /// Changes the extension `id` into what `draft` says, which has no problems; `None` when there is none.
    pub async fn update_extension(
        &mut self,
        id: ExtensionId,
        draft: &ExtensionDraft,
    ) -> Result<Option<Extension>, StoreError> {
        let update = query(
            TABLE,
            "UPDATE extensions SET number = $3, name = $4, ring_timeout_s = $5, call_waiting = $6
             WHERE tenant_id = $1 AND id = $2
             RETURNING tenant_id, id, number, sip_username, name, ring_timeout_s, call_waiting, created_at",
        )
        .bind(&self.tenant_id)
        .bind(&id)
        .bind(&draft.number)
        .bind(&draft.name)
        .bind(&draft.ring_timeout_s)
        .bind(&draft.call_waiting);
        self.changed(update).await
    }

    /// Removes the extension `id` with its devices and registrations, and tells what it was.
    pub async fn remove_extension(&mut self, id: ExtensionId) -> Result<Option<Extension>, StoreError> {
        let forget = query(
            "users",
            "UPDATE users SET default_extension_id = NULL WHERE tenant_id = $1 AND default_extension_id = $2",
        );
        self.tx.run(forget.bind(&self.tenant_id).bind(&id)).await?;
        let delete = query(
            TABLE,
            "DELETE FROM extensions WHERE tenant_id = $1 AND id = $2
             RETURNING tenant_id, id, number, sip_username, name, ring_timeout_s, call_waiting, created_at",
        );
        self.changed(delete.bind(&self.tenant_id).bind(&id)).await
    }

    async fn changed(&mut self, change: Query) -> Result<Option<Extension>, StoreError> {
        let Some(row) = self.tx.row(change).await? else {
            return Ok(None);
        };
        self.configuration_changed();
        extension(&row).map(Some)
    }
}

/// The company's extensions in the order of their numbers.
pub(crate) fn select_all(tenant_id: TenantId) -> Query {
    query(
        TABLE,
        "SELECT tenant_id, id, number, sip_username, name, ring_timeout_s, call_waiting, created_at
         FROM extensions WHERE tenant_id = $1 ORDER BY number",
    )
    .bind(&tenant_id)
}

pub(crate) fn extension(row: &Row) -> Result<Extension, StoreError> {
    Ok(Extension {
        id: row.read("id")?,
        tenant_id: row.read("tenant_id")?,
        number: row.read("number")?,
        sip_username: row.read("sip_username")?,
        name: row.read("name")?,
        ring_timeout_s: row.read("ring_timeout_s")?,
        call_waiting: row.read("call_waiting")?,
        created_at: row.read("created_at")?,
    })
}

fn random_sip_username(entropy: &mut Entropy) -> SipUsername {
    let digits = (FIRST_SIP_USERNAME + entropy.below(SIP_USERNAMES)).to_string();
    digits.parse().expect("a number from 100000 to 999999 has six digits")
}
