//! Extensions: 3-digit numbers within a company, each with a SIP username of its own on the platform.

use wigwag_model::{
    Destination, Extension, ExtensionDraft, ExtensionId, ExtensionKind, PhoneNumber, Pin, SipUsername, TenantId,
};
use wigwag_sansio::{Entropy, Utc};

use crate::{
    ReadWrite, StoreError, TenantTx,
    db::{Query, Row, query},
    pin,
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
        let select = query(TABLE, "SELECT * FROM extensions WHERE tenant_id = $1 AND id = $2");
        let row = self.tx.row(select.bind(&self.tenant_id).bind(&id)).await?;
        row.as_ref().map(extension).transpose()
    }
}

impl TenantTx<ReadWrite> {
    /// Makes an extension with a SIP username that nobody else has; `draft` has no problems.
    ///
    /// It has a random PIN. The number may be [taken](StoreError::NumberTaken), and the caller ID one that the company may
    /// not show ([`StoreError::Unknown`]); [`StoreError::Full`] when the platform's usernames are
    /// all but handed out.
    pub async fn create_extension(
        &mut self,
        draft: &ExtensionDraft,
        now: Utc,
        entropy: &mut Entropy,
    ) -> Result<Extension, StoreError> {
        let id = ExtensionId::new(now, entropy);
        self.require_caller_id(None, draft).await?;
        self.claim_number(&draft.number, Destination::Extension(id)).await?;
        let sealed_pin = pin::sealed(id, &Pin::random(entropy), &self.keys, entropy);
        for _ in 0..ATTEMPTS {
            let sip_username = random_sip_username(entropy);
            let insert = query(
                TABLE,
                "INSERT INTO extensions
                     (tenant_id, id, number, name, forward_to, screening, ring_timeout_s, call_waiting, caller_id,
                      withhold_number, do_not_disturb, sip_username, created_at, sealed_pin)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                 ON CONFLICT (sip_username) DO NOTHING
                 RETURNING *",
            );
            let insert = bound(insert.bind(&self.tenant_id).bind(&id), draft)
                .bind(&sip_username)
                .bind(&now)
                .bind(&sealed_pin);
            if let Some(row) = self.tx.row(insert).await? {
                let extension = extension(&row)?;
                self.record(None, Some(&extension)).await?;
                return Ok(extension);
            }
        }
        Err(StoreError::Full {
            what: "SIP usernames",
            most: SIP_USERNAMES as usize,
        })
    }

    /// Changes the extension `id` into what `draft` says, which has no problems; `None` when there is none.
    ///
    /// Whoever may only change what nobody else has changed compares the revision in this same transaction: writers of
    /// one company wait for each other.
    pub async fn update_extension(
        &mut self,
        id: ExtensionId,
        draft: &ExtensionDraft,
    ) -> Result<Option<Extension>, StoreError> {
        let Some(before) = self.extension(id).await? else {
            return Ok(None);
        };
        if draft.kind.is_virtual() && self.devices_of(id).await? > 0 {
            return Err(StoreError::VirtualWithDevices);
        }
        self.require_caller_id(before.caller_id.as_ref(), draft).await?;
        self.claim_number(&draft.number, Destination::Extension(id)).await?;
        let update = query(
            TABLE,
            "UPDATE extensions SET number = $3, name = $4, forward_to = $5, screening = $6, ring_timeout_s = $7,
                 call_waiting = $8, caller_id = $9, withhold_number = $10, do_not_disturb = $11, revision = revision + 1
             WHERE tenant_id = $1 AND id = $2
             RETURNING *",
        );
        let update = bound(update.bind(&self.tenant_id).bind(&id), draft);
        let row = self.tx.row(update).await?;
        let after = row.as_ref().map(extension).transpose()?;
        self.record(Some(&before), after.as_ref()).await?;
        Ok(after)
    }

    /// Removes the extension `id` with its devices, rules and registrations, and tells what it was. What sends calls there
    /// sends them nowhere from now on.
    pub async fn remove_extension(&mut self, id: ExtensionId) -> Result<Option<Extension>, StoreError> {
        self.unset_destination(Destination::Extension(id)).await?;
        let forget = query(
            "users",
            "UPDATE users SET default_extension_id = NULL WHERE tenant_id = $1 AND default_extension_id = $2",
        );
        self.tx.run(forget.bind(&self.tenant_id).bind(&id)).await?;
        self.release_number(Destination::Extension(id)).await?;
        let delete = query(
            TABLE,
            "DELETE FROM extensions WHERE tenant_id = $1 AND id = $2 RETURNING *",
        );
        let row = self.tx.row(delete.bind(&self.tenant_id).bind(&id)).await?;
        let before = row.as_ref().map(extension).transpose()?;
        self.record(before.as_ref(), None).await?;
        Ok(before)
    }

    /// A caller ID that is new has to be one that the company may show.
    async fn require_caller_id(
        &mut self,
        before: Option<&PhoneNumber>,
        draft: &ExtensionDraft,
    ) -> Result<(), StoreError> {
        match &draft.caller_id {
            Some(number) if before != Some(number) && !self.may_show(number).await? => {
                Err(StoreError::Unknown { field: "caller_id" })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The company's extensions in the order of their numbers.
pub(crate) fn select_all(tenant_id: TenantId) -> Query {
    query(TABLE, "SELECT * FROM extensions WHERE tenant_id = $1 ORDER BY number").bind(&tenant_id)
}

/// `statement` with what `draft` says from `$3` to `$11`.
fn bound(statement: Query, draft: &ExtensionDraft) -> Query {
    let (forward_to, screening) = match &draft.kind {
        ExtensionKind::Regular => (None, false),
        ExtensionKind::Virtual { forward_to, screening } => (Some(forward_to.clone()), *screening),
    };
    statement
        .bind(&draft.number)
        .bind(&draft.name)
        .bind(&forward_to)
        .bind(&screening)
        .bind(&draft.ring_timeout_s)
        .bind(&draft.call_waiting)
        .bind(&draft.caller_id)
        .bind(&draft.withhold_number)
        .bind(&draft.do_not_disturb)
}

pub(crate) fn extension(row: &Row) -> Result<Extension, StoreError> {
    let forward_to: Option<_> = row.read("forward_to")?;
    Ok(Extension {
        id: row.read("id")?,
        tenant_id: row.read("tenant_id")?,
        revision: row.read("revision")?,
        kind: match forward_to {
            None => ExtensionKind::Regular,
            Some(forward_to) => ExtensionKind::Virtual {
                forward_to,
                screening: row.read("screening")?,
            },
        },
        caller_id: row.read("caller_id")?,
        withhold_number: row.read("withhold_number")?,
        do_not_disturb: row.read("do_not_disturb")?,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, TestStore, draft, user_draft};

    #[tokio::test]
    async fn a_number_is_taken_once_in_a_company_and_again_in_another() {
        let mut test = TestStore::new().await;
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let first = test.extension(&ours, "101").await;
        let second = test.extension(&theirs, "101").await;
        assert_ne!(first.sip_username, second.sip_username);
        let mut tx = test.write(&ours).await;
        let again = tx.create_extension(&draft("101"), NOW, &mut test.entropy).await;
        let by = Destination::Extension(first.id);
        assert!(matches!(again, Err(StoreError::NumberTaken { by: holder }) if holder == by));
        drop(tx);
        let third = test.extension(&ours, "102").await;
        let mut tx = test.write(&ours).await;
        let renumbered = tx.update_extension(first.id, &draft("102")).await;
        let by = Destination::Extension(third.id);
        assert!(matches!(renumbered, Err(StoreError::NumberTaken { by: holder }) if holder == by));
        // What is given up can be taken by the next.
        let renumbered = tx.update_extension(first.id, &draft("103")).await.unwrap().unwrap();
        assert_eq!(renumbered.number.as_str(), "103");
        tx.remove_extension(third.id).await.unwrap();
        for number in ["101", "102"] {
            tx.create_extension(&draft(number), NOW, &mut test.entropy)
                .await
                .unwrap();
        }
    }

    #[tokio::test]
    async fn a_username_that_is_taken_is_not_handed_out_again() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let mut tx = test.write(&tenant).await;
        // The same randomness twice: the second try starts with the same username.
        let (mut entropy, mut same) = (Entropy::from_number(5), Entropy::from_number(5));
        let first = tx.create_extension(&draft("101"), NOW, &mut entropy).await.unwrap();
        let later = Utc::from_millis(NOW.as_millis() + 1);
        let second = tx.create_extension(&draft("102"), later, &mut same).await.unwrap();
        assert_ne!(first.sip_username, second.sip_username);
        assert_eq!(tx.commit().await.unwrap().version, Some(2));
    }

    #[tokio::test]
    async fn an_extension_takes_its_devices_with_it() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let device = test.device(&extension).await;
        let mut tx = test.write(&tenant).await;
        let mut user = user_draft("alice1");
        user.default_extension_id = Some(extension.id);
        let hash = wigwag_sansio::Secret::default();
        let user = tx.create_user(&user, &hash, NOW, &mut test.entropy).await.unwrap();
        assert_eq!(
            tx.remove_extension(extension.id).await.unwrap(),
            Some(extension.clone())
        );
        assert_eq!(tx.remove_extension(extension.id).await.unwrap(), None);
        assert_eq!(tx.commit().await.unwrap().version, Some(4));
        let mut tx = test.read(&tenant).await;
        assert_eq!(tx.device(device.id).await.unwrap(), None);
        assert_eq!(tx.user(user.id).await.unwrap().unwrap().default_extension_id, None);
    }

    #[tokio::test]
    async fn a_change_is_read_back_and_raises_the_version() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let mut tx = test.write(&tenant).await;
        let mut changed = draft("202");
        changed.ring_timeout_s = 45;
        changed.call_waiting = false;
        changed.kind = ExtensionKind::Virtual {
            forward_to: "07700 900123".parse().unwrap(),
            screening: true,
        };
        let caller_id = "01632 960123".parse().unwrap();
        changed.caller_id = Some(caller_id);
        let foreign = tx.update_extension(extension.id, &changed).await;
        assert!(matches!(foreign, Err(StoreError::Unknown { field: "caller_id" })));
        assert!(tx.approve_caller_id(changed.caller_id.as_ref().unwrap()).await.unwrap());
        changed.withhold_number = true;
        changed.do_not_disturb = true;
        let updated = tx.update_extension(extension.id, &changed).await.unwrap().unwrap();
        assert_eq!(updated.draft(), changed);
        assert!(updated.revision > extension.revision);
        let version = tx.commit().await.unwrap().version;
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(Some(loaded.configuration.version), version);
        assert_eq!(loaded.configuration.extensions, [updated]);
    }

    #[tokio::test]
    async fn a_virtual_extension_has_no_devices() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let device = test.device(&extension).await;
        let mut tx = test.write(&tenant).await;
        let mut mobile = draft("101");
        mobile.kind = ExtensionKind::Virtual {
            forward_to: "07700 900123".parse().unwrap(),
            screening: false,
        };
        let refused = tx.update_extension(extension.id, &mobile).await;
        assert!(matches!(refused, Err(StoreError::VirtualWithDevices)));
        assert!(tx.remove_device(device.id).await.unwrap());
        assert!(tx.update_extension(extension.id, &mobile).await.unwrap().is_some());
        let device = wigwag_model::DeviceDraft {
            name: "Desk".to_owned(),
            authentication: Default::default(),
        };
        let refused = tx.create_device(extension.id, &device, NOW, &mut test.entropy).await;
        assert!(matches!(refused, Err(StoreError::VirtualWithDevices)));
    }
}
