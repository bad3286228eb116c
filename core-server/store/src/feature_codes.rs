//! The star codes of a company: the usual ones but for those that it has changed (features.md 1.T).

use serde::Serialize;
use wigwag_model::{EntityKind, FeatureCodes, Revision, TenantId};

use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Query, Row, query},
};

const TABLE: &str = "feature_codes";

/// The codes as the audit log tells of them.
#[derive(Serialize)]
struct Described<'a> {
    tenant_id: TenantId,
    changed: &'a FeatureCodes,
}

impl<Access> TenantTx<Access> {
    /// The codes, and how often they were changed.
    pub async fn feature_codes(&mut self) -> Result<(Revision, FeatureCodes), StoreError> {
        let row = self.tx.row(select(self.tenant_id)).await?;
        row.map_or_else(
            || Ok(Default::default()),
            |row| Ok((row.read("revision")?, feature_codes(&row)?)),
        )
    }
}

impl TenantTx<ReadWrite> {
    /// Lets the company dial `codes`, and tells their revision.
    ///
    /// Whoever may only change what nobody else has changed compares the revision in this same transaction.
    pub async fn set_feature_codes(&mut self, codes: &FeatureCodes) -> Result<Revision, StoreError> {
        let (_, before) = self.feature_codes().await?;
        let upsert = query(
            TABLE,
            "INSERT INTO feature_codes (tenant_id, revision, changed) VALUES ($1, 1, $2)
             ON CONFLICT (tenant_id) DO UPDATE SET revision = feature_codes.revision + 1, changed = excluded.changed
             RETURNING revision",
        );
        let row = self.tx.row(upsert.bind(&self.tenant_id).bind_json(codes)).await?;
        let tenant_id = self.tenant_id;
        let described = |changed| Described { tenant_id, changed };
        self.record(Some(&described(&before)), Some(&described(codes))).await?;
        row.ok_or(StoreError::NoTenant)?.read("revision")
    }
}

/// The codes of the company, if it has changed any.
pub(crate) fn select(tenant_id: TenantId) -> Query {
    query(
        TABLE,
        "SELECT tenant_id AS id, revision, changed FROM feature_codes WHERE tenant_id = $1",
    )
    .bind(&tenant_id)
}

pub(crate) fn feature_codes(row: &Row) -> Result<FeatureCodes, StoreError> {
    FeatureCodes::new(row.read_json("changed")?).map_err(|_| row.corrupt("changed"))
}

impl Audited for Described<'_> {
    const KIND: EntityKind = EntityKind::FeatureCodes;

    fn key(&self) -> String {
        self.tenant_id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wigwag_model::{CodeText, FeatureCode};

    use super::*;
    use crate::testing::TestStore;

    #[tokio::test]
    async fn codes_are_the_usual_ones_until_they_are_changed() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let mut tx = test.write(&tenant).await;
        assert_eq!(tx.feature_codes().await.unwrap(), Default::default());
        let code = serde_json::from_str::<CodeText>("\"*43\"").unwrap();
        let codes = FeatureCodes::new(BTreeMap::from([(FeatureCode::Echo, code)])).unwrap();
        assert_eq!(tx.set_feature_codes(&codes).await.unwrap(), Revision(1));
        assert_eq!(tx.set_feature_codes(&codes).await.unwrap(), Revision(2));
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.call_handling.feature_codes, codes);
    }
}
