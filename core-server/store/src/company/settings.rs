//! What a company says of itself.

use serde::Serialize;
use wigwag_model::{CompanySettings, EntityKind, PhoneNumber, Revision, TenantId};

use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Row, query},
};

const TABLE: &str = "company_settings";

/// The settings and whose they are.
#[derive(Serialize)]
struct OfCompany<'a> {
    id: TenantId,
    #[serde(flatten)]
    settings: &'a CompanySettings,
}

impl<Access> TenantTx<Access> {
    /// What holds for the whole company; the defaults as long as nobody has said anything.
    pub async fn company_settings(&mut self) -> Result<CompanySettings, StoreError> {
        let select = query(
            TABLE,
            "SELECT s.*, t.suspended, t.id FROM tenants t LEFT JOIN company_settings s ON s.tenant_id = t.id
             WHERE t.id = $1",
        );
        let row = self.tx.row(select.bind(&self.tenant_id)).await?;
        row.map_or_else(|| Ok(CompanySettings::default()), |row| settings(&row))
    }

    /// Whether the company may show `number` on outgoing calls: one of its own that is for calls, or one that is approved
    /// (A33).
    pub async fn may_show(&mut self, number: &PhoneNumber) -> Result<bool, StoreError> {
        let select = query(
            "numbers",
            "SELECT 1 AS one FROM numbers n JOIN number_stock s ON s.number = n.number
             WHERE n.tenant_id = $1 AND n.number = $2 AND s.calls
             UNION ALL SELECT 1 AS one FROM approved_caller_ids WHERE tenant_id = $1 AND number = $2",
        );
        Ok(self.tx.row(select.bind(&self.tenant_id).bind(number)).await?.is_some())
    }
}

impl TenantTx<ReadWrite> {
    /// Lets `settings`, which have no problems, hold from now on; revision and suspension stay with those who count and
    /// set them. The caller ID is [unknown](StoreError::Unknown) when the company may not show it.
    ///
    /// Whoever may only change what nobody else has changed compares the revision in this same transaction: writers of
    /// one company wait for each other.
    pub async fn update_company_settings(&mut self, settings: &CompanySettings) -> Result<CompanySettings, StoreError> {
        let before = self.company_settings().await?;
        if let Some(caller_id) = &settings.caller_id
            && !self.may_show(caller_id).await?
        {
            return Err(StoreError::Unknown { field: "caller_id" });
        }
        let after = CompanySettings {
            revision: before.revision.next(),
            suspended: before.suspended,
            ..settings.clone()
        };
        self.put(&after).await?;
        let id = self.tenant_id;
        let of_company = |settings| OfCompany { id, settings };
        self.record(Some(&of_company(&before)), Some(&of_company(&after)))
            .await?;
        Ok(after)
    }

    async fn put(&mut self, settings: &CompanySettings) -> Result<(), StoreError> {
        let upsert = query(
            TABLE,
            "INSERT INTO company_settings
                 (tenant_id, revision, time_zone, area_code, international, caller_id, pick_up_in_groups_only)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant_id) DO UPDATE SET
                 revision = excluded.revision, time_zone = excluded.time_zone, area_code = excluded.area_code,
                 international = excluded.international, caller_id = excluded.caller_id,
                 pick_up_in_groups_only = excluded.pick_up_in_groups_only",
        )
        .bind(&self.tenant_id)
        .bind(&settings.revision)
        .bind(&settings.time_zone.to_string())
        .bind(&settings.area_code)
        .bind(&settings.international)
        .bind(&settings.caller_id)
        .bind(&settings.pick_up_in_groups_only);
        self.tx.run(upsert).await.map(|_| ())
    }
}

fn settings(row: &Row) -> Result<CompanySettings, StoreError> {
    let suspended = row.read("suspended")?;
    let revision: Option<Revision> = row.read("revision")?;
    let Some(revision) = revision else {
        return Ok(CompanySettings {
            suspended,
            ..CompanySettings::default()
        });
    };
    let time_zone: String = row.read("time_zone")?;
    Ok(CompanySettings {
        revision,
        time_zone: time_zone.into(),
        area_code: row.read("area_code")?,
        international: row.read("international")?,
        caller_id: row.read("caller_id")?,
        pick_up_in_groups_only: row.read("pick_up_in_groups_only")?,
        suspended,
    })
}

impl Audited for OfCompany<'_> {
    const KIND: EntityKind = EntityKind::Settings;

    fn key(&self) -> String {
        self.id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use wigwag_model::{Author, NumberCapabilities, NumberKind, StockNumber, TenantTerms};
    use wigwag_sansio::Entropy;

    use super::*;
    use crate::testing::{NOW, TestStore};

    #[tokio::test]
    async fn settings_and_terms_are_counted_apart_and_loaded_together() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let mut tx = test.write(&tenant).await;
        assert_eq!(tx.company_settings().await.unwrap(), CompanySettings::default());
        let terms = TenantTerms {
            concurrent_calls: 7,
            suspended: true,
        };
        assert_eq!(tx.set_terms(terms).await.unwrap(), (Revision(1), terms));
        let wanted = CompanySettings {
            time_zone: "Europe/Dublin".into(),
            area_code: Some("0115".parse().unwrap()),
            international: true,
            ..CompanySettings::default()
        };
        let stored = tx.update_company_settings(&wanted).await.unwrap();
        let expected = CompanySettings {
            revision: Revision(1),
            suspended: true,
            ..wanted
        };
        assert_eq!(stored, expected);
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.tenant.concurrent_calls, 7);
        assert_eq!(loaded.configuration.call_handling.settings, expected);
    }

    #[tokio::test]
    async fn a_number_that_is_not_for_calls_is_not_shown_on_them() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let numbers: [PhoneNumber; 2] = ["+441632960001", "+441632960002"].map(|number| number.parse().unwrap());
        let stock = [true, false]
            .into_iter()
            .zip(&numbers)
            .map(|(calls, number)| StockNumber {
                number: number.clone(),
                area: "Nowhere".to_owned(),
                kind: NumberKind::of(number),
                capabilities: NumberCapabilities {
                    calls,
                    sms: false,
                    fax: true,
                },
                monthly_price: 0,
            });
        let mut platform = test.store.write_platform(Author::server(NOW)).await.unwrap();
        platform.load_stock(&stock.collect::<Vec<_>>()).await.unwrap();
        platform.commit().await.unwrap();
        let mut tx = test.write(&tenant).await;
        tx.take_numbers(&numbers, &mut Entropy::from_number(1)).await.unwrap();
        assert!(tx.may_show(&numbers[0]).await.unwrap());
        assert!(!tx.may_show(&numbers[1]).await.unwrap());
    }

    #[tokio::test]
    async fn a_caller_id_has_to_be_own_or_approved() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let number: PhoneNumber = "+441632960009".parse().unwrap();
        let wanted = CompanySettings {
            caller_id: Some(number.clone()),
            ..CompanySettings::default()
        };
        let mut tx = test.write(&tenant).await;
        let refused = tx.update_company_settings(&wanted).await;
        assert!(matches!(refused, Err(StoreError::Unknown { field: "caller_id" })));
        drop(tx);
        let mut tx = test.write(&tenant).await;
        assert!(tx.approve_caller_id(&number).await.unwrap());
        assert!(!tx.approve_caller_id(&number).await.unwrap());
        assert!(tx.update_company_settings(&wanted).await.is_ok());
        assert_eq!(tx.approved_caller_ids().await.unwrap(), std::slice::from_ref(&number));
        assert!(tx.withdraw_caller_id(&number).await.unwrap());
        assert!(!tx.withdraw_caller_id(&number).await.unwrap());
    }

    #[tokio::test]
    async fn settings_that_cannot_be_read_are_the_defaults_and_the_company_goes_on() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let mut tx = test.write(&tenant).await;
        tx.update_company_settings(&CompanySettings::default()).await.unwrap();
        let broken = query(
            TABLE,
            "UPDATE company_settings SET area_code = 'x' WHERE tenant_id = $1",
        );
        tx.tx.run(broken.bind(&tenant.id)).await.unwrap();
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.call_handling.settings, CompanySettings::default());
        assert_eq!(
            (loaded.quarantined.len(), loaded.quarantined[0].column),
            (1, Some("area_code"))
        );
    }
}
