//! What a company says of its numbers: identifier, destination and routing rules.

use wigwag_model::{Destination, IncomingNumber, IncomingNumberSettings, NumberId, RoutingRule, TenantId};

use super::{NUMBERS, RULES, rows};
use crate::{
    ReadWrite, StoreError, TenantTx,
    db::{BulkInsert, Query, Stored, query},
};

static RULES_OF_NUMBER: BulkInsert = BulkInsert::new(
    RULES,
    "INSERT INTO routing_rules (tenant_id, number_id, position, interval_id, destination_kind, destination_id)",
    6,
    "",
);

impl<Access> TenantTx<Access> {
    /// The rules of the number `id`, in their order.
    pub(super) async fn routing_rules(&mut self, id: NumberId) -> Result<Vec<RoutingRule>, StoreError> {
        let select = query(
            RULES,
            "SELECT * FROM routing_rules WHERE tenant_id = $1 AND number_id = $2 ORDER BY position",
        );
        let rows = self.tx.rows(select.bind(&self.tenant_id).bind(&id)).await?;
        rows.iter()
            .map(|row| rows::rule_of(row).map(|(_, rule)| rule))
            .collect()
    }

    /// The rules of all the company's numbers, those of one number in their order.
    pub(super) async fn all_routing_rules(&mut self) -> Result<Vec<(NumberId, RoutingRule)>, StoreError> {
        let rows = self.tx.rows(select_rules(self.tenant_id)).await?;
        rows.iter().map(rows::rule_of).collect()
    }
}

impl TenantTx<ReadWrite> {
    /// Lets the number `id` do what `settings` say, which have no problems; `None` when there is none.
    ///
    /// A destination or an interval may be [unknown](StoreError::Unknown). Whoever may only change what nobody else has
    /// changed compares the revision in this same transaction: writers of one company wait for each other.
    pub async fn update_number(
        &mut self,
        id: NumberId,
        settings: &IncomingNumberSettings,
    ) -> Result<Option<IncomingNumber>, StoreError> {
        let Some(before) = self.number(id).await? else {
            return Ok(None);
        };
        self.check_destinations(settings).await?;
        let update = query(
            NUMBERS,
            "UPDATE numbers SET identifier = $3, destination_kind = $4, destination_id = $5, revision = revision + 1
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(&self.tenant_id)
        .bind(&id)
        .bind(&settings.identifier)
        .bind(&settings.destination.map(|destination| destination.kind().to_owned()))
        .bind(&settings.destination.map(Destination::id_text));
        self.tx.run(update).await?;
        self.put_rules(id, &settings.routing_rules).await?;
        let after = self.number(id).await?;
        self.record(Some(&before), after.as_ref()).await?;
        Ok(after)
    }

    async fn check_destinations(&mut self, settings: &IncomingNumberSettings) -> Result<(), StoreError> {
        if let Some(destination) = settings.destination {
            self.require_destination("destination", destination).await?;
        }
        for rule in &settings.routing_rules {
            self.require_destination("routing_rules", rule.destination).await?;
            self.require_interval("routing_rules", rule.interval_id).await?;
        }
        Ok(())
    }

    async fn put_rules(&mut self, id: NumberId, rules: &[RoutingRule]) -> Result<(), StoreError> {
        let delete = query(
            RULES,
            "DELETE FROM routing_rules WHERE tenant_id = $1 AND number_id = $2",
        );
        self.tx.run(delete.bind(&self.tenant_id).bind(&id)).await?;
        let rows = (0_u32..).zip(rules).map(|(position, rule)| {
            vec![
                self.tenant_id.store(),
                id.store(),
                position.store(),
                rule.interval_id.store(),
                rule.destination.kind().to_owned().store(),
                rule.destination.id_text().store(),
            ]
        });
        let rows = rows.collect();
        self.tx.insert(&RULES_OF_NUMBER, rows).await?;
        Ok(())
    }
}

/// The rules of all the company's numbers, those of one number in their order.
pub(crate) fn select_rules(tenant_id: TenantId) -> Query {
    query(
        RULES,
        "SELECT number_id AS id, number_id, interval_id, destination_kind, destination_id
         FROM routing_rules WHERE tenant_id = $1 ORDER BY number_id, position",
    )
    .bind(&tenant_id)
}
