//! A company's own numbers: taking them from the stock, and giving them back.

use wigwag_model::{EntityKind, IncomingNumber, NumberId, PhoneNumber, TenantId};
use wigwag_sansio::Entropy;

use super::{NUMBERS, QUARANTINE, STOCK, rows};
use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Query, query},
};

impl<Access> TenantTx<Access> {
    /// The company's numbers in their order.
    pub async fn numbers(&mut self) -> Result<Vec<IncomingNumber>, StoreError> {
        let rows = self.tx.rows(select_all(self.tenant_id)).await?;
        let mut numbers: Vec<IncomingNumber> = rows.iter().map(rows::number).collect::<Result<_, _>>()?;
        for (number_id, rule) in self.all_routing_rules().await? {
            if let Some(number) = numbers.iter_mut().find(|number| number.id == number_id) {
                number.settings.routing_rules.push(rule);
            }
        }
        Ok(numbers)
    }

    /// The number `id`.
    pub async fn number(&mut self, id: NumberId) -> Result<Option<IncomingNumber>, StoreError> {
        let select = query(
            NUMBERS,
            "SELECT n.id, n.number, n.revision, n.identifier, n.destination_kind, n.destination_id, n.taken_at,
                 s.calls, s.sms, s.fax
             FROM numbers n JOIN number_stock s ON s.number = n.number WHERE n.tenant_id = $1 AND n.id = $2",
        );
        let row = self.tx.row(select.bind(&self.tenant_id).bind(&id)).await?;
        let Some(mut number) = row.as_ref().map(rows::number).transpose()? else {
            return Ok(None);
        };
        number.settings.routing_rules = self.routing_rules(id).await?;
        Ok(Some(number))
    }
}

impl TenantTx<ReadWrite> {
    /// Takes all of `numbers` from the stock, or none of them: [`StoreError::NumberGone`] tells which one is not free.
    pub async fn take_numbers(
        &mut self,
        numbers: &[PhoneNumber],
        entropy: &mut Entropy,
    ) -> Result<Vec<IncomingNumber>, StoreError> {
        // In one order, so that companies that want the same numbers do not wait for each other in a circle.
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        order.sort_by_key(|index| &numbers[*index]);
        for index in order {
            if !self.reserve(&numbers[index]).await? {
                return Err(StoreError::NumberGone { index });
            }
        }
        let mut taken = Vec::with_capacity(numbers.len());
        for number in numbers {
            let id = NumberId::new(self.at(), entropy);
            let insert = query(
                NUMBERS,
                "INSERT INTO numbers (tenant_id, id, number, revision, taken_at) VALUES ($1, $2, $3, 0, $4)",
            )
            .bind(&self.tenant_id)
            .bind(&id)
            .bind(number)
            .bind(&self.at());
            self.tx.run(insert).await?;
            let number = self.number(id).await?.ok_or(StoreError::NoTenant)?;
            self.record(None, Some(&number)).await?;
            taken.push(number);
        }
        Ok(taken)
    }

    /// Gives the number `id` back to the stock, where it waits for the company for [`QUARANTINE`], and tells what it
    /// was. `None` when there is none.
    pub async fn give_back_number(&mut self, id: NumberId) -> Result<Option<IncomingNumber>, StoreError> {
        let Some(before) = self.number(id).await? else {
            return Ok(None);
        };
        let delete = query(NUMBERS, "DELETE FROM numbers WHERE tenant_id = $1 AND id = $2");
        self.tx.run(delete.bind(&self.tenant_id).bind(&id)).await?;
        let update = query(
            STOCK,
            "UPDATE number_stock SET quarantined_until = $3 WHERE number = $1 AND tenant_id = $2",
        )
        .bind(&before.number)
        .bind(&self.tenant_id)
        .bind(&(self.at() + QUARANTINE));
        self.tx.run(update).await?;
        self.record(Some(&before), None).await?;
        Ok(Some(before))
    }

    /// Makes `number` the company's if it is free or was given back by the company.
    async fn reserve(&mut self, number: &PhoneNumber) -> Result<bool, StoreError> {
        let update = query(
            STOCK,
            "UPDATE number_stock SET tenant_id = $2, quarantined_until = NULL
             WHERE number = $1 AND (tenant_id IS NULL OR (tenant_id = $2 AND quarantined_until IS NOT NULL))",
        );
        Ok(self.tx.run(update.bind(number).bind(&self.tenant_id)).await? > 0)
    }
}

/// The company's numbers in their order, without their rules.
pub(crate) fn select_all(tenant_id: TenantId) -> Query {
    query(
        NUMBERS,
        "SELECT n.id, n.number, n.revision, n.identifier, n.destination_kind, n.destination_id, n.taken_at,
             s.calls, s.sms, s.fax
         FROM numbers n JOIN number_stock s ON s.number = n.number WHERE n.tenant_id = $1 ORDER BY n.number",
    )
    .bind(&tenant_id)
}

impl Audited for IncomingNumber {
    const KIND: EntityKind = EntityKind::Number;

    fn key(&self) -> String {
        self.id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wigwag_model::{
        Author, Destination, IncomingNumberSettings, IntervalId, Revision, RoutingRule, StockPlace, StockSearch, Tenant,
    };
    use wigwag_sansio::{Entropy, Utc};

    use super::*;
    use crate::{
        NumberEntry, Store,
        interval::tests::holidays,
        testing::{NOW, TestStore, stock},
    };

    async fn take(store: &Store, tenant: &Tenant, number: &str, at: Utc) -> Result<IncomingNumber, StoreError> {
        let mut tx = store.write(tenant.id, Author::server(at)).await?;
        let mut entropy = Entropy::from_number(9);
        let taken = tx.take_numbers(&[number.parse().unwrap()], &mut entropy).await?;
        assert!(tx.commit().await?.version.is_some());
        Ok(taken.into_iter().next().expect("one was asked for"))
    }

    async fn give_back(store: &Store, tenant: &Tenant, id: NumberId, at: Utc) {
        let mut tx = store.write(tenant.id, Author::server(at)).await.unwrap();
        assert!(tx.give_back_number(id).await.unwrap().is_some());
        assert_eq!(tx.give_back_number(id).await.unwrap(), None);
        assert!(tx.commit().await.unwrap().version.is_some());
    }

    #[tokio::test]
    async fn a_number_goes_to_one_company_however_many_want_it_at_once() {
        let mut test = TestStore::new().await;
        stock(&test.store, &["+441632960001"]).await;
        let mut companies = Vec::new();
        for _ in 0..6 {
            companies.push(test.tenant().await);
        }
        let mut tries = tokio::task::JoinSet::new();
        for company in companies {
            let store = test.store.clone();
            tries.spawn(async move { (take(&store, &company, "+441632960001", NOW).await, company) });
        }
        let (mut winners, mut losers) = (Vec::new(), 0);
        while let Some(tried) = tries.join_next().await {
            match tried.unwrap() {
                (Ok(number), company) => winners.push((number, company)),
                (Err(StoreError::NumberGone { index: 0 }), _) => losers += 1,
                (Err(error), _) => panic!("{error}"),
            }
        }
        let [(number, company)] = &winners[..] else {
            panic!("one winner")
        };
        assert_eq!(losers, 5);
        let mut lines = Vec::new();
        assert_eq!(test.store.load_numbers(|line| lines.push(line)).await.unwrap(), 0);
        let line = NumberEntry {
            number: number.number.clone(),
            tenant_id: company.id,
            number_id: number.id,
        };
        assert_eq!(lines, [line]);
    }

    #[tokio::test]
    async fn several_are_taken_together_or_not_at_all() {
        let mut test = TestStore::new().await;
        stock(&test.store, &["+441632960001", "+441632960002"]).await;
        let tenant = test.tenant().await;
        let wanted = ["+441632960002", "+441632960009", "+441632960001"].map(|number| number.parse().unwrap());
        let mut tx = test.write(&tenant).await;
        let refused = tx.take_numbers(&wanted, &mut test.entropy).await;
        assert!(matches!(refused, Err(StoreError::NumberGone { index: 1 })));
        drop(tx);
        assert_eq!(test.read(&tenant).await.numbers().await.unwrap(), []);
        let mut tx = test.write(&tenant).await;
        let taken = tx.take_numbers(&wanted[..1], &mut test.entropy).await.unwrap();
        assert_eq!(taken[0].settings, IncomingNumberSettings::default());
        assert!(taken[0].capabilities.calls);
    }

    #[tokio::test]
    async fn a_number_that_was_given_back_waits_30_days_for_its_company_alone() {
        let mut test = TestStore::new().await;
        stock(&test.store, &["+441632960001"]).await;
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let number = take(&test.store, &ours, "+441632960001", NOW).await.unwrap();
        let twice = take(&test.store, &ours, "+441632960001", NOW).await;
        assert!(matches!(twice, Err(StoreError::NumberGone { .. })));
        give_back(&test.store, &ours, number.id, NOW).await;
        let last_moment = NOW + (QUARANTINE - Duration::from_millis(1));
        assert_eq!(test.store.free_quarantined_numbers(last_moment).await.unwrap(), 0);
        let refused = take(&test.store, &theirs, "+441632960001", last_moment).await;
        assert!(matches!(refused, Err(StoreError::NumberGone { .. })));
        let search = StockSearch::default();
        let seen = async |tenant| {
            let page = test.read(tenant).await.search_stock(&search, None, 10).await.unwrap();
            page.numbers.into_iter().map(|(_, place)| place).collect::<Vec<_>>()
        };
        let (by, until) = (ours.id, NOW + QUARANTINE);
        assert_eq!(seen(&ours).await, [StockPlace::Quarantined { by, until }]);
        assert_eq!(seen(&theirs).await, []);
        let back = take(&test.store, &ours, "+441632960001", last_moment).await.unwrap();
        give_back(&test.store, &ours, back.id, NOW).await;
        assert_eq!(test.store.free_quarantined_numbers(until).await.unwrap(), 1);
        assert_eq!(seen(&theirs).await, [StockPlace::Free]);
        take(&test.store, &theirs, "+441632960001", until).await.unwrap();
    }

    #[tokio::test]
    async fn a_foreign_number_is_neither_seen_nor_touched_nor_a_destination_elsewhere() {
        let mut test = TestStore::new().await;
        stock(&test.store, &["+441632960001"]).await;
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let extension = test.extension(&theirs, "101").await;
        let number = take(&test.store, &ours, "+441632960001", NOW).await.unwrap();
        let mut tx = test.write(&theirs).await;
        assert_eq!(tx.numbers().await.unwrap(), []);
        assert_eq!(tx.number(number.id).await.unwrap(), None);
        let nothing = IncomingNumberSettings::default();
        assert_eq!(tx.update_number(number.id, &nothing).await.unwrap(), None);
        assert_eq!(tx.give_back_number(number.id).await.unwrap(), None);
        drop(tx);
        let settings = IncomingNumberSettings {
            destination: Some(Destination::Extension(extension.id)),
            ..nothing
        };
        let mut tx = test.write(&ours).await;
        let refused = tx.update_number(number.id, &settings).await;
        assert!(matches!(refused, Err(StoreError::Unknown { field: "destination" })));
    }

    #[tokio::test]
    async fn what_is_said_of_a_number_reaches_the_configuration() {
        let mut test = TestStore::new().await;
        stock(&test.store, &["+441632960001"]).await;
        let tenant = test.tenant().await;
        let extension = test.extension(&tenant, "101").await;
        let number = take(&test.store, &tenant, "+441632960001", NOW).await.unwrap();
        let settings = IncomingNumberSettings {
            identifier: Some("Shop".to_owned()),
            destination: Some(Destination::Extension(extension.id)),
            routing_rules: Vec::new(),
        };
        let mut tx = test.write(&tenant).await;
        let changed = tx.update_number(number.id, &settings).await.unwrap().unwrap();
        assert_eq!((changed.revision, &changed.settings), (Revision(1), &settings));
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.call_handling.numbers, [changed]);
        assert_eq!(loaded.quarantined, []);
    }

    #[tokio::test]
    async fn rules_keep_their_order_and_hold_at_intervals_that_exist() {
        let mut test = TestStore::new().await;
        stock(&test.store, &["+441632960001"]).await;
        let tenant = test.tenant().await;
        let (day, night) = (
            test.extension(&tenant, "101").await,
            test.extension(&tenant, "102").await,
        );
        let number = take(&test.store, &tenant, "+441632960001", NOW).await.unwrap();
        let mut tx = test.write(&tenant).await;
        let mut rules = Vec::new();
        for (name, extension) in [("Later", &night), ("Earlier", &day)] {
            let interval = tx.create_interval(&holidays(name), &mut test.entropy).await.unwrap();
            rules.push(RoutingRule {
                interval_id: interval.id,
                destination: Destination::Extension(extension.id),
            });
        }
        let settings = IncomingNumberSettings {
            routing_rules: rules.clone(),
            ..IncomingNumberSettings::default()
        };
        let stored = tx.update_number(number.id, &settings).await.unwrap().unwrap();
        assert_eq!(stored.settings.routing_rules, rules);
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.call_handling.numbers[0].settings, settings);
        let unknown = IncomingNumberSettings {
            routing_rules: vec![RoutingRule {
                interval_id: IntervalId::new(NOW, &mut test.entropy),
                ..rules[0]
            }],
            ..IncomingNumberSettings::default()
        };
        let mut tx = test.write(&tenant).await;
        let refused = tx.update_number(number.id, &unknown).await;
        assert!(matches!(refused, Err(StoreError::Unknown { field: "routing_rules" })));
    }
}
