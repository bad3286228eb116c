//! Reading the log, the newest entries first, and removing the oldest.

use wigwag_model::{Actor, AuditEntry, EntityKind};
use wigwag_sansio::Utc;

use super::{Owner, TABLE};
use crate::{
    Store, StoreError, TenantTx,
    db::{Row, Scope, Tx, query},
};

/// Which entries are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only things of this kind.
    pub entity: Option<EntityKind>,
    /// Only this thing.
    pub entity_id: Option<String>,
}

/// Some entries, the newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// The entries after these are those before this sequence; `None` on the last page.
    pub next: Option<u64>,
}

impl<Access> TenantTx<Access> {
    /// The company's entries that `filter` lets through and that are older than `before`, at most `limit` of them.
    pub async fn audit_log(
        &mut self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        let owner = Owner::Tenant(self.tenant_id);
        page(&mut self.tx, owner, filter, before, limit).await
    }
}

impl Store {
    /// The same of the platform's own entries.
    pub async fn platform_audit_log(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        let mut tx = self.db.read(Scope::Platform).await?;
        page(&mut tx, Owner::Platform, filter, before, limit).await
    }

    /// Removes entries of all logs that were made before `before`, at most `limit` of them, and tells how many.
    pub async fn remove_audit_entries_before(&self, before: Utc, limit: u32) -> Result<u64, StoreError> {
        let delete = query(
            TABLE,
            "DELETE FROM audit_log WHERE (tenant_id, sequence) IN
                 (SELECT tenant_id, sequence FROM audit_log WHERE at < $1 ORDER BY at LIMIT $2)",
        );
        let mut tx = self.db.write(Scope::Platform).await?;
        let removed = tx.run(delete.bind(&before).bind(&limit)).await?;
        tx.commit().await?;
        Ok(removed)
    }
}

async fn page(
    tx: &mut Tx,
    owner: Owner,
    filter: &AuditFilter,
    before: Option<u64>,
    limit: u32,
) -> Result<AuditPage, StoreError> {
    let select = query(
        TABLE,
        "SELECT sequence, at, actor, actor_id, actor_name, entity, entity_id, before_change, after_change
         FROM audit_log
         WHERE tenant_id = $1 AND sequence < $2 AND ($3 IS NULL OR entity = $3) AND ($4 IS NULL OR entity_id = $4)
         ORDER BY sequence DESC LIMIT $5",
    )
    .bind(&owner.column())
    .bind(&before.unwrap_or(u64::MAX))
    .bind(&filter.entity)
    .bind(&filter.entity_id)
    // One more than asked for tells whether there is another page.
    .bind(&limit.saturating_add(1));
    let rows = tx.rows(select).await?;
    let mut entries: Vec<AuditEntry> = rows.iter().map(entry).collect::<Result<_, _>>()?;
    let more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    Ok(AuditPage {
        next: entries.last().filter(|_| more).map(|entry| entry.sequence),
        entries,
    })
}

fn entry(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        sequence: row.read("sequence")?,
        at: row.read("at")?,
        actor: actor(row)?,
        entity: row.read("entity")?,
        entity_id: row.read("entity_id")?,
        before: row.read("before_change")?,
        after: row.read("after_change")?,
    })
}

fn actor(row: &Row) -> Result<Actor, StoreError> {
    let word: String = row.read("actor")?;
    Ok(match word.as_str() {
        "user" => Actor::User {
            id: row.read("actor_id")?,
            username: row.read("actor_name")?,
        },
        "operator" => Actor::Operator {
            id: row.read("actor_id")?,
            username: row.read("actor_name")?,
        },
        "extension" => Actor::Extension {
            id: row.read("actor_id")?,
        },
        "server" => Actor::Server,
        _ => return Err(row.corrupt("actor")),
    })
}

#[cfg(test)]
mod tests {
    use wigwag_model::{Author, Extension};
    use wigwag_sansio::Secret;

    use super::*;
    use crate::testing::{NOW, TestStore, draft};

    #[tokio::test]
    async fn every_change_tells_who_when_and_what_was_before_and_after() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let user = test.user(&tenant, "alice1").await;
        let extension = test.extension(&tenant, "101").await;
        let author = Author::person(&user, tenant.id, NOW);
        let mut tx = test.store.write(tenant.id, author.clone()).await.unwrap();
        let after = tx.update_extension(extension.id, &draft("102")).await.unwrap().unwrap();
        tx.remove_extension(extension.id).await.unwrap();
        assert!(tx.commit().await.unwrap().version.is_some());
        let filter = AuditFilter {
            entity: Some(EntityKind::Extension),
            entity_id: Some(extension.id.to_string()),
        };
        let log = test.read(&tenant).await.audit_log(&filter, None, 10).await.unwrap();
        assert_eq!(log.next, None);
        let [removed, changed, made] = &log.entries[..] else {
            panic!("three entries")
        };
        let read = |text: &Option<String>| -> Option<Extension> {
            text.as_ref()
                .map(|text| serde_json::from_str(text).expect("an extension"))
        };
        assert_eq!((read(&made.before), read(&made.after)), (None, Some(extension.clone())));
        assert_eq!(
            (read(&changed.before), read(&changed.after)),
            (Some(extension), Some(after.clone()))
        );
        assert_eq!((read(&removed.before), read(&removed.after)), (Some(after), None));
        assert_eq!((&removed.actor, removed.at), (&author.actor, NOW));
        assert_eq!(made.actor, Actor::Server);
    }

    #[tokio::test]
    async fn what_is_undone_leaves_no_entry_and_pages_follow_each_other() {
        let mut test = TestStore::new().await;
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        for number in ["101", "102", "103"] {
            test.extension(&ours, number).await;
        }
        let mut tx = test.write(&ours).await;
        tx.create_extension(&draft("104"), NOW, &mut test.entropy)
            .await
            .unwrap();
        drop(tx);
        let filter = AuditFilter {
            entity: Some(EntityKind::Extension),
            ..AuditFilter::default()
        };
        let mut tx = test.read(&ours).await;
        let first = tx.audit_log(&filter, None, 2).await.unwrap();
        let second = tx.audit_log(&filter, first.next, 2).await.unwrap();
        assert_eq!((first.entries.len(), second.entries.len(), second.next), (2, 1, None));
        let others = test.read(&theirs).await.audit_log(&filter, None, 2).await.unwrap();
        assert_eq!(others.entries, []);
    }

    #[tokio::test]
    async fn no_secret_gets_into_the_log() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let device = test.device(&extension).await;
        let user = test.user(&tenant, "alice1").await;
        let mut tx = test.write(&tenant).await;
        let hash = Secret::new("$argon2id$new".to_owned());
        assert!(tx.set_password_hash(user.id, &hash).await.unwrap());
        let log = tx.audit_log(&AuditFilter::default(), None, 100).await.unwrap();
        let text = format!("{:?}", log.entries);
        assert!(text.contains("Desk") && text.contains("alice1"));
        assert!(!text.contains(device.sip_password.expose()) && !text.contains("argon2id"));
    }

    #[tokio::test]
    async fn old_entries_go_and_the_count_goes_on() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        test.extension(&tenant, "101").await;
        let later = Utc::from_millis(NOW.as_millis() + 1);
        let mut tx = test.store.write(tenant.id, Author::server(later)).await.unwrap();
        tx.create_extension(&draft("102"), later, &mut test.entropy)
            .await
            .unwrap();
        assert!(tx.commit().await.unwrap().version.is_some());
        assert_eq!(test.store.remove_audit_entries_before(later, 1).await.unwrap(), 1);
        assert_eq!(test.store.remove_audit_entries_before(later, 10).await.unwrap(), 1);
        assert_eq!(test.store.remove_audit_entries_before(later, 10).await.unwrap(), 0);
        let mut tx = test.read(&tenant).await;
        let left = tx.audit_log(&AuditFilter::default(), None, 10).await.unwrap();
        assert_eq!(left.entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [3]);
    }
}
