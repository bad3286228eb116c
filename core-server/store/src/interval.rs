//! Time intervals by which rules decide (S188–S193, A35).

use wigwag_model::{EntityKind, Interval, IntervalId, IntervalSettings, TenantId};
use wigwag_sansio::Entropy;

use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Query, Row, query},
};

const TABLE: &str = "intervals";

impl<Access> TenantTx<Access> {
    /// The company's intervals in the order of their names.
    pub async fn intervals(&mut self) -> Result<Vec<Interval>, StoreError> {
        let rows = self.tx.rows(select_all(self.tenant_id)).await?;
        rows.iter().map(interval).collect()
    }

    /// The interval `id`.
    pub async fn interval(&mut self, id: IntervalId) -> Result<Option<Interval>, StoreError> {
        let select = query(TABLE, "SELECT * FROM intervals WHERE tenant_id = $1 AND id = $2");
        let row = self.tx.row(select.bind(&self.tenant_id).bind(&id)).await?;
        row.as_ref().map(interval).transpose()
    }

    /// [`StoreError::Unknown`] for `field` when there is no interval `id`.
    pub(crate) async fn require_interval(&mut self, field: &'static str, id: IntervalId) -> Result<(), StoreError> {
        match self.interval(id).await? {
            Some(_) => Ok(()),
            None => Err(StoreError::Unknown { field }),
        }
    }

    async fn require_free_name(&mut self, name: &String, but_for: Option<IntervalId>) -> Result<(), StoreError> {
        let select = query(TABLE, "SELECT id FROM intervals WHERE tenant_id = $1 AND name = $2");
        match self.tx.row(select.bind(&self.tenant_id).bind(name)).await? {
            Some(row) if Some(row.read("id")?) != but_for => Err(StoreError::Conflict { field: "name" }),
            Some(_) | None => Ok(()),
        }
    }
}

impl TenantTx<ReadWrite> {
    /// Makes an interval of what `settings` say, which have no problems; its name may be in
    /// [conflict](StoreError::Conflict).
    pub async fn create_interval(
        &mut self,
        settings: &IntervalSettings,
        entropy: &mut Entropy,
    ) -> Result<Interval, StoreError> {
        self.require_free_name(&settings.name, None).await?;
        let interval = Interval {
            id: IntervalId::new(self.at(), entropy),
            revision: Default::default(),
            settings: settings.clone(),
        };
        let insert = query(
            TABLE,
            "INSERT INTO intervals (tenant_id, id, name, description, holds, revision) VALUES ($1, $2, $3, $4, $5, 0)",
        );
        let insert = bound(insert.bind(&self.tenant_id).bind(&interval.id), settings);
        self.tx.run(insert).await?;
        self.record(None, Some(&interval)).await?;
        Ok(interval)
    }

    /// Changes the interval `id` into what `settings` say, which have no problems; `None` when there is none.
    ///
    /// The name may be in [conflict](StoreError::Conflict). Whoever may only change what nobody else has changed compares
    /// the revision in this same transaction.
    pub async fn update_interval(
        &mut self,
        id: IntervalId,
        settings: &IntervalSettings,
    ) -> Result<Option<Interval>, StoreError> {
        let Some(before) = self.interval(id).await? else {
            return Ok(None);
        };
        self.require_free_name(&settings.name, Some(id)).await?;
        let update = query(
            TABLE,
            "UPDATE intervals SET name = $3, description = $4, holds = $5, revision = revision + 1
             WHERE tenant_id = $1 AND id = $2 RETURNING *",
        );
        let update = bound(update.bind(&self.tenant_id).bind(&id), settings);
        let after = self.tx.row(update).await?.as_ref().map(interval).transpose()?;
        self.record(Some(&before), after.as_ref()).await?;
        Ok(after)
    }

    /// Removes the interval `id`, which nothing [uses](TenantTx::uses_of_interval), and tells what it was.
    pub async fn remove_interval(&mut self, id: IntervalId) -> Result<Option<Interval>, StoreError> {
        let delete = query(
            TABLE,
            "DELETE FROM intervals WHERE tenant_id = $1 AND id = $2 RETURNING *",
        );
        let row = self.tx.row(delete.bind(&self.tenant_id).bind(&id)).await?;
        let before = row.as_ref().map(interval).transpose()?;
        self.record(before.as_ref(), None).await?;
        Ok(before)
    }
}

/// The company's intervals in the order of their names.
pub(crate) fn select_all(tenant_id: TenantId) -> Query {
    query(TABLE, "SELECT * FROM intervals WHERE tenant_id = $1 ORDER BY name").bind(&tenant_id)
}

pub(crate) fn interval(row: &Row) -> Result<Interval, StoreError> {
    Ok(Interval {
        id: row.read("id")?,
        revision: row.read("revision")?,
        settings: IntervalSettings {
            name: row.read("name")?,
            description: row.read("description")?,
            when: row.read_json("holds")?,
        },
    })
}

/// `statement` with what `settings` say from `$3` to `$5`.
fn bound(statement: Query, settings: &IntervalSettings) -> Query {
    statement
        .bind(&settings.name)
        .bind(&settings.description)
        .bind_json(&settings.when)
}

impl Audited for Interval {
    const KIND: EntityKind = EntityKind::Interval;

    fn key(&self) -> String {
        self.id.to_string()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::testing::TestStore;

    pub(crate) fn holidays(name: &str) -> IntervalSettings {
        let json = format!(r#"{{"name": "{name}", "when": {{"kind": "bank_holidays", "ranges": "scotland"}}}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[tokio::test]
    async fn an_interval_is_kept_and_its_name_is_its_own() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let mut tx = test.write(&tenant).await;
        let made = tx
            .create_interval(&holidays("Holidays"), &mut test.entropy)
            .await
            .unwrap();
        let again = tx.create_interval(&holidays("Holidays"), &mut test.entropy).await;
        assert!(matches!(again, Err(StoreError::Conflict { field: "name" })));
        let mut hours = holidays("Holidays");
        hours.description = Some("When we are away".to_owned());
        hours.when = serde_json::from_str(
            r#"{"kind": "weekly", "ranges": [{"days": ["monday", "friday"], "from": "18:00", "to": "08:00"}]}"#,
        )
        .unwrap();
        let changed = tx.update_interval(made.id, &hours).await.unwrap().unwrap();
        assert_eq!((changed.revision.0, &changed.settings), (1, &hours));
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(
            loaded.configuration.call_handling.intervals,
            std::slice::from_ref(&changed)
        );
        let mut tx = test.write(&tenant).await;
        assert_eq!(tx.remove_interval(made.id).await.unwrap(), Some(changed));
        assert_eq!(tx.remove_interval(made.id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn an_interval_that_cannot_be_read_is_left_out_alone() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let mut tx = test.write(&tenant).await;
        let broken = tx
            .create_interval(&holidays("Broken"), &mut test.entropy)
            .await
            .unwrap();
        let good = tx.create_interval(&holidays("Good"), &mut test.entropy).await.unwrap();
        let damage = query(TABLE, "UPDATE intervals SET holds = '{}' WHERE id = $1");
        tx.tx.run(damage.bind(&broken.id)).await.unwrap();
        let loaded = tx.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.call_handling.intervals, [good]);
        assert_eq!(loaded.quarantined[0].id, broken.id.to_string());
    }
}
