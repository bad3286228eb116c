//! What uses a destination or an interval: told to whoever wants to remove it, and undone when it goes all the same.

use wigwag_model::{Destination, ForwardingRuleId, IntervalId, NumberId, RingGroupId, Use, UseKind};

use crate::{
    ReadWrite, StoreError, TenantTx,
    db::{Row, query},
};

const OF_DESTINATION: &str = "SELECT 'number' AS kind, id, number AS name FROM numbers
         WHERE tenant_id = $1 AND destination_kind = $2 AND destination_id = $3
     UNION ALL SELECT DISTINCT 'routing_rule' AS kind, n.id, n.number AS name
         FROM routing_rules r JOIN numbers n ON n.tenant_id = r.tenant_id AND n.id = r.number_id
         WHERE r.tenant_id = $1 AND r.destination_kind = $2 AND r.destination_id = $3
     UNION ALL SELECT 'ring_group_member' AS kind, g.id, g.name
         FROM ring_group_members m JOIN ring_groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
         WHERE m.tenant_id = $1 AND $2 = 'extension' AND m.extension_id = $3
     UNION ALL SELECT 'ring_group_failover' AS kind, id, name FROM ring_groups
         WHERE tenant_id = $1 AND failover_kind = $2 AND failover_id = $3
     UNION ALL SELECT 'forwarding_rule' AS kind, f.id, e.name
         FROM forwarding_rules f JOIN extensions e ON e.tenant_id = f.tenant_id AND e.id = f.extension_id
         WHERE f.tenant_id = $1 AND f.destination_kind = $2 AND f.destination_id = $3";

const OF_INTERVAL: &str = "SELECT DISTINCT 'routing_rule' AS kind, n.id, n.number AS name
         FROM routing_rules r JOIN numbers n ON n.tenant_id = r.tenant_id AND n.id = r.number_id
         WHERE r.tenant_id = $1 AND r.interval_id = $2
     UNION ALL SELECT 'forwarding_rule' AS kind, f.id, e.name
         FROM forwarding_rules f JOIN extensions e ON e.tenant_id = f.tenant_id AND e.id = f.extension_id
         WHERE f.tenant_id = $1 AND f.interval_id = $2";

impl<Access> TenantTx<Access> {
    /// What sends calls to `destination` or has it as a member.
    pub async fn uses_of_destination(&mut self, destination: Destination) -> Result<Vec<Use>, StoreError> {
        let select = query("uses", OF_DESTINATION)
            .bind(&self.tenant_id)
            .bind(&destination.kind().to_owned())
            .bind(&destination.id_text());
        let rows = self.tx.rows(select).await?;
        sorted(&rows)
    }

    /// The rules that hold during the interval `id`.
    pub async fn uses_of_interval(&mut self, id: IntervalId) -> Result<Vec<Use>, StoreError> {
        let select = query("uses", OF_INTERVAL).bind(&self.tenant_id).bind(&id);
        let rows = self.tx.rows(select).await?;
        sorted(&rows)
    }
}

impl TenantTx<ReadWrite> {
    /// Lets every rule that holds during `old` hold during `new`, which may be [unknown](StoreError::Unknown).
    pub async fn replace_interval(&mut self, old: IntervalId, new: IntervalId) -> Result<(), StoreError> {
        self.require_interval("replace_by", new).await?;
        for used in self.uses_of_interval(old).await? {
            if used.kind == UseKind::RoutingRule {
                let id = identity(&used)?;
                self.change_routing_rules(id, |rule| {
                    if rule.interval_id == old {
                        rule.interval_id = new;
                    }
                    true
                })
                .await?;
            } else if used.kind == UseKind::ForwardingRule {
                let id: ForwardingRuleId = identity(&used)?;
                if let Some((_, mut rule)) = self.forwarding_rule(id).await? {
                    rule.settings.interval_id = Some(new);
                    self.update_forwarding_rule(id, &rule.settings).await?;
                }
            }
        }
        Ok(())
    }

    /// Lets nothing use `destination` any more, before it is removed: where calls went there they go nowhere, and rules
    /// that say nothing else are removed.
    pub(crate) async fn unset_destination(&mut self, destination: Destination) -> Result<(), StoreError> {
        for used in self.uses_of_destination(destination).await? {
            match used.kind {
                UseKind::Number => {
                    let id: NumberId = identity(&used)?;
                    if let Some(mut number) = self.number(id).await? {
                        number.settings.destination = None;
                        self.update_number(id, &number.settings).await?;
                    }
                }
                UseKind::RoutingRule => {
                    self.change_routing_rules(identity(&used)?, |rule| rule.destination != destination)
                        .await?;
                }
                UseKind::RingGroupMember | UseKind::RingGroupFailover => {
                    let id: RingGroupId = identity(&used)?;
                    if let Some(mut group) = self.ring_group(id).await? {
                        group.settings.failover = group.settings.failover.filter(|failover| *failover != destination);
                        let stays = |member: &_| Destination::Extension(*member) != destination;
                        group.settings.members.retain(stays);
                        self.update_ring_group(id, &group.settings).await?;
                    }
                }
                UseKind::ForwardingRule => {
                    self.remove_forwarding_rule(identity(&used)?).await?;
                }
            }
        }
        Ok(())
    }

    /// Changes each routing rule of the number `id` by `change`, which tells whether it stays.
    async fn change_routing_rules(
        &mut self,
        id: NumberId,
        change: impl FnMut(&mut wigwag_model::RoutingRule) -> bool,
    ) -> Result<(), StoreError> {
        if let Some(mut number) = self.number(id).await? {
            number.settings.routing_rules.retain_mut(change);
            self.update_number(id, &number.settings).await?;
        }
        Ok(())
    }
}

fn sorted(rows: &[Row]) -> Result<Vec<Use>, StoreError> {
    let mut uses = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    uses.sort();
    Ok(uses)
}

fn read(row: &Row) -> Result<Use, StoreError> {
    let kind: String = row.read("kind")?;
    Ok(Use {
        kind: UseKind::from_word(&kind).ok_or_else(|| row.corrupt("kind"))?,
        id: row.read("id")?,
        name: row.read("name")?,
    })
}

fn identity<T: std::str::FromStr>(used: &Use) -> Result<T, StoreError> {
    used.id.parse().map_err(|_| StoreError::Corrupt {
        table: "uses",
        column: "id",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        forwarding_rule::tests::forward, interval::tests::holidays, ring_group::tests::sales, testing::TestStore,
    };

    #[tokio::test]
    async fn what_uses_an_extension_is_told_and_undone_when_it_goes() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let (first, second) = (
            test.extension(&tenant, "101").await,
            test.extension(&tenant, "102").await,
        );
        let mut tx = test.write(&tenant).await;
        let target = Destination::Extension(first.id);
        assert_eq!(tx.uses_of_destination(target).await.unwrap(), []);
        let mut settings = sales("200", &[&first, &second]);
        settings.failover = Some(target);
        let group = tx.create_ring_group(&settings, &mut test.entropy).await.unwrap();
        let rule = forward(target, None);
        let rule = tx
            .create_forwarding_rule(second.id, &rule, &mut test.entropy)
            .await
            .unwrap()
            .unwrap();
        let uses = tx.uses_of_destination(target).await.unwrap();
        let told: Vec<_> = uses
            .iter()
            .map(|used| (used.kind, used.id.clone(), used.name.as_str()))
            .collect();
        let expected = [
            (UseKind::RingGroupMember, group.id.to_string(), "Sales"),
            (UseKind::RingGroupFailover, group.id.to_string(), "Sales"),
            (UseKind::ForwardingRule, rule.id.to_string(), "Alice"),
        ];
        assert_eq!(told, expected);
        tx.remove_extension(first.id).await.unwrap();
        let left = tx.ring_group(group.id).await.unwrap().unwrap();
        assert_eq!((left.settings.failover, left.settings.members), (None, vec![second.id]));
        assert_eq!(tx.forwarding_rules(second.id).await.unwrap(), []);
    }

    #[tokio::test]
    async fn another_interval_takes_the_place_of_one_that_goes() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let mut tx = test.write(&tenant).await;
        let old = tx.create_interval(&holidays("Old"), &mut test.entropy).await.unwrap();
        let new = tx.create_interval(&holidays("New"), &mut test.entropy).await.unwrap();
        let mut rule = forward(Destination::Extension(extension.id), None);
        rule.interval_id = Some(old.id);
        let rule = tx
            .create_forwarding_rule(extension.id, &rule, &mut test.entropy)
            .await
            .unwrap()
            .unwrap();
        let uses = tx.uses_of_interval(old.id).await.unwrap();
        assert_eq!((uses.len(), uses[0].id.clone()), (1, rule.id.to_string()));
        tx.replace_interval(old.id, new.id).await.unwrap();
        assert_eq!(tx.uses_of_interval(old.id).await.unwrap(), []);
        assert_eq!(tx.uses_of_interval(new.id).await.unwrap().len(), 1);
        assert!(tx.remove_interval(old.id).await.unwrap().is_some());
    }
}
