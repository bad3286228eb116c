//! Ring groups: several extensions that are rung together or one after the other (S117–S125).

use std::collections::BTreeSet;

use wigwag_model::{Destination, EntityKind, ExtensionId, RingGroup, RingGroupId, RingGroupSettings, TenantId};
use wigwag_sansio::Entropy;

use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{BulkInsert, Query, Row, Stored, query},
};

const TABLE: &str = "ring_groups";
const MEMBERS: &str = "ring_group_members";

static MEMBERS_OF_GROUP: BulkInsert = BulkInsert::new(
    MEMBERS,
    "INSERT INTO ring_group_members (tenant_id, group_id, place, extension_id)",
    4,
    "",
);

impl<Access> TenantTx<Access> {
    /// The company's ring groups in the order of their numbers.
    pub async fn ring_groups(&mut self) -> Result<Vec<RingGroup>, StoreError> {
        let rows = self.tx.rows(select_all(self.tenant_id)).await?;
        let mut groups = rows.iter().map(group).collect::<Result<Vec<_>, _>>()?;
        let rows = self.tx.rows(select_members(self.tenant_id)).await?;
        let members = rows.iter().map(member).collect::<Result<Vec<_>, _>>()?;
        add_members(&mut groups, members);
        Ok(groups)
    }

    /// The ring group `id`.
    pub async fn ring_group(&mut self, id: RingGroupId) -> Result<Option<RingGroup>, StoreError> {
        let select = query(TABLE, "SELECT * FROM ring_groups WHERE tenant_id = $1 AND id = $2");
        let Some(row) = self.tx.row(select.bind(&self.tenant_id).bind(&id)).await? else {
            return Ok(None);
        };
        let select = query(
            MEMBERS,
            "SELECT group_id, extension_id FROM ring_group_members WHERE tenant_id = $1 AND group_id = $2 ORDER BY place",
        );
        let rows = self.tx.rows(select.bind(&self.tenant_id).bind(&id)).await?;
        let mut group = group(&row)?;
        group.settings.members = rows
            .iter()
            .map(|row| row.read("extension_id"))
            .collect::<Result<_, _>>()?;
        Ok(Some(group))
    }
}

impl TenantTx<ReadWrite> {
    /// Makes a ring group of what `settings` say, which have no problems.
    ///
    /// The number may be [taken](StoreError::NumberTaken), a member or the failover [unknown](StoreError::Unknown).
    pub async fn create_ring_group(
        &mut self,
        settings: &RingGroupSettings,
        entropy: &mut Entropy,
    ) -> Result<RingGroup, StoreError> {
        let group = RingGroup {
            id: RingGroupId::new(self.at(), entropy),
            revision: Default::default(),
            settings: settings.clone(),
        };
        self.check_ring_group(settings).await?;
        self.claim_number(&settings.number, Destination::RingGroup(group.id))
            .await?;
        let insert = query(
            TABLE,
            "INSERT INTO ring_groups (tenant_id, id, number, name, strategy, failover_kind, failover_id, revision)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
        );
        let insert = bound(insert.bind(&self.tenant_id).bind(&group.id), settings);
        self.tx.run(insert).await?;
        self.put_members(group.id, &settings.members).await?;
        self.record(None, Some(&group)).await?;
        Ok(group)
    }

    /// Changes the ring group `id` into what `settings` say, which have no problems; `None` when there is none.
    ///
    /// It refuses what [`TenantTx::create_ring_group`] does. Whoever may only change what nobody else has changed compares
    /// the revision in this same transaction.
    pub async fn update_ring_group(
        &mut self,
        id: RingGroupId,
        settings: &RingGroupSettings,
    ) -> Result<Option<RingGroup>, StoreError> {
        let Some(before) = self.ring_group(id).await? else {
            return Ok(None);
        };
        self.check_ring_group(settings).await?;
        self.claim_number(&settings.number, Destination::RingGroup(id)).await?;
        let update = query(
            TABLE,
            "UPDATE ring_groups SET number = $3, name = $4, strategy = $5, failover_kind = $6, failover_id = $7,
                 revision = revision + 1
             WHERE tenant_id = $1 AND id = $2",
        );
        let update = bound(update.bind(&self.tenant_id).bind(&id), settings);
        self.tx.run(update).await?;
        self.put_members(id, &settings.members).await?;
        let after = self.ring_group(id).await?;
        self.record(Some(&before), after.as_ref()).await?;
        Ok(after)
    }

    /// Removes the ring group `id`, and tells what it was. What sends calls there sends them nowhere from now on.
    pub async fn remove_ring_group(&mut self, id: RingGroupId) -> Result<Option<RingGroup>, StoreError> {
        let Some(before) = self.ring_group(id).await? else {
            return Ok(None);
        };
        let group = Destination::RingGroup(id);
        self.unset_destination(group).await?;
        self.release_number(group).await?;
        let delete = query(TABLE, "DELETE FROM ring_groups WHERE tenant_id = $1 AND id = $2");
        self.tx.run(delete.bind(&self.tenant_id).bind(&id)).await?;
        self.record(Some(&before), None).await?;
        Ok(Some(before))
    }

    async fn check_ring_group(&mut self, settings: &RingGroupSettings) -> Result<(), StoreError> {
        let extensions: BTreeSet<ExtensionId> = self.extensions().await?.into_iter().map(|each| each.id).collect();
        if !settings.members.iter().all(|member| extensions.contains(member)) {
            return Err(StoreError::Unknown { field: "members" });
        }
        match settings.failover {
            Some(failover) => self.require_destination("failover", failover).await,
            None => Ok(()),
        }
    }

    async fn put_members(&mut self, id: RingGroupId, members: &[ExtensionId]) -> Result<(), StoreError> {
        let delete = query(
            MEMBERS,
            "DELETE FROM ring_group_members WHERE tenant_id = $1 AND group_id = $2",
        );
        self.tx.run(delete.bind(&self.tenant_id).bind(&id)).await?;
        let rows = (0_u32..).zip(members);
        let rows = rows.map(|(place, member)| vec![self.tenant_id.store(), id.store(), place.store(), member.store()]);
        let rows = rows.collect();
        self.tx.insert(&MEMBERS_OF_GROUP, rows).await?;
        Ok(())
    }
}

/// The company's ring groups in the order of their numbers.
pub(crate) fn select_all(tenant_id: TenantId) -> Query {
    query(TABLE, "SELECT * FROM ring_groups WHERE tenant_id = $1 ORDER BY number").bind(&tenant_id)
}

/// The members of all its groups, those of one group in their order.
pub(crate) fn select_members(tenant_id: TenantId) -> Query {
    query(
        MEMBERS,
        "SELECT group_id AS id, group_id, extension_id FROM ring_group_members WHERE tenant_id = $1
         ORDER BY group_id, place",
    )
    .bind(&tenant_id)
}

/// Gives each of `groups` its members.
pub(crate) fn add_members(groups: &mut [RingGroup], members: Vec<(RingGroupId, ExtensionId)>) {
    for (group_id, extension_id) in members {
        if let Some(group) = groups.iter_mut().find(|group| group.id == group_id) {
            group.settings.members.push(extension_id);
        }
    }
}

/// The ring group of `row`, without its members.
pub(crate) fn group(row: &Row) -> Result<RingGroup, StoreError> {
    Ok(RingGroup {
        id: row.read("id")?,
        revision: row.read("revision")?,
        settings: RingGroupSettings {
            number: row.read("number")?,
            name: row.read("name")?,
            strategy: row.read_json("strategy")?,
            members: Vec::new(),
            failover: row.read_destination("failover_kind", "failover_id")?,
        },
    })
}

pub(crate) fn member(row: &Row) -> Result<(RingGroupId, ExtensionId), StoreError> {
    Ok((row.read("group_id")?, row.read("extension_id")?))
}

/// `statement` with what `settings` say from `$3` to `$7`, but for the members.
fn bound(statement: Query, settings: &RingGroupSettings) -> Query {
    statement
        .bind(&settings.number)
        .bind(&settings.name)
        .bind_json(&settings.strategy)
        .bind(&settings.failover.map(|failover| failover.kind().to_owned()))
        .bind(&settings.failover.map(Destination::id_text))
}

impl Audited for RingGroup {
    const KIND: EntityKind = EntityKind::RingGroup;

    fn key(&self) -> String {
        self.id.to_string()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use wigwag_model::{Extension, RingStrategy};

    use super::*;
    use crate::testing::TestStore;

    pub(crate) fn sales(number: &str, members: &[&Extension]) -> RingGroupSettings {
        RingGroupSettings {
            number: number.parse().unwrap(),
            name: "Sales".to_owned(),
            strategy: RingStrategy::RingAll { timeout_s: 30 },
            members: members.iter().map(|member| member.id).collect(),
            failover: None,
        }
    }

    #[tokio::test]
    async fn a_group_keeps_the_order_of_its_members_over_changes_and_a_restart() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let (first, second) = (
            test.extension(&tenant, "101").await,
            test.extension(&tenant, "102").await,
        );
        let mut tx = test.write(&tenant).await;
        let made = tx
            .create_ring_group(&sales("200", &[&second, &first]), &mut test.entropy)
            .await
            .unwrap();
        let mut settings = sales("201", &[&first, &second]);
        settings.strategy = RingStrategy::Cascade {
            delay_s: 10,
            keep_ringing: true,
        };
        settings.failover = Some(Destination::Extension(second.id));
        let changed = tx.update_ring_group(made.id, &settings).await.unwrap().unwrap();
        assert_eq!((changed.revision.0, &changed.settings), (1, &settings));
        assert!(tx.commit().await.unwrap().version.is_some());
        test.reopen().await.unwrap();
        let mut tx = test.read(&tenant).await;
        assert_eq!(tx.ring_groups().await.unwrap(), std::slice::from_ref(&changed));
        assert_eq!(tx.ring_group(made.id).await.unwrap().as_ref(), Some(&changed));
        let loaded = tx.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.call_handling.ring_groups, [changed]);
    }

    #[tokio::test]
    async fn numbers_are_shared_with_extensions_and_members_belong_to_the_company() {
        let mut test = TestStore::new().await;
        let (tenant, other) = (test.tenant().await, test.tenant().await);
        let (ours, theirs) = (
            test.extension(&tenant, "101").await,
            test.extension(&other, "101").await,
        );
        let mut tx = test.write(&tenant).await;
        let taken = tx.create_ring_group(&sales("101", &[&ours]), &mut test.entropy).await;
        assert!(matches!(taken, Err(StoreError::NumberTaken { by }) if by == Destination::Extension(ours.id)));
        let foreign = tx.create_ring_group(&sales("200", &[&theirs]), &mut test.entropy).await;
        assert!(matches!(foreign, Err(StoreError::Unknown { field: "members" })));
        let mut nowhere = sales("200", &[&ours]);
        nowhere.failover = Some(Destination::Extension(theirs.id));
        let foreign = tx.create_ring_group(&nowhere, &mut test.entropy).await;
        assert!(matches!(foreign, Err(StoreError::Unknown { field: "failover" })));
        let group = tx
            .create_ring_group(&sales("200", &[&ours]), &mut test.entropy)
            .await
            .unwrap();
        let taken = tx
            .create_extension(&crate::testing::draft("200"), crate::testing::NOW, &mut test.entropy)
            .await;
        assert!(matches!(taken, Err(StoreError::NumberTaken { by }) if by == Destination::RingGroup(group.id)));
    }

    #[tokio::test]
    async fn an_extension_that_goes_leaves_its_groups() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let (first, second) = (
            test.extension(&tenant, "101").await,
            test.extension(&tenant, "102").await,
        );
        let mut tx = test.write(&tenant).await;
        let group = tx
            .create_ring_group(&sales("200", &[&first, &second]), &mut test.entropy)
            .await
            .unwrap();
        tx.remove_extension(first.id).await.unwrap();
        let left = tx.ring_group(group.id).await.unwrap().unwrap();
        assert_eq!(left.settings.members, [second.id]);
        assert!(left.revision > group.revision);
        assert!(tx.remove_ring_group(group.id).await.unwrap().is_some());
        assert_eq!(tx.remove_ring_group(group.id).await.unwrap(), None);
        assert_eq!(tx.destinations().await.unwrap().len(), 1);
    }
}
