//! What the platform's operator lets a company have (S093).

use serde::Serialize;
use wigwag_model::{EntityKind, Revision, TenantId, TenantTerms};

use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Row, query},
};

const TABLE: &str = "tenants";

/// The terms and whose they are.
#[derive(Serialize)]
struct OfCompany {
    id: TenantId,
    revision: Revision,
    #[serde(flatten)]
    terms: TenantTerms,
}

impl<Access> TenantTx<Access> {
    /// What the company may have, and how often that has changed; `None` when the company does not exist.
    pub async fn terms(&mut self) -> Result<Option<(Revision, TenantTerms)>, StoreError> {
        let select = query(
            TABLE,
            "SELECT terms_revision, concurrent_calls, suspended FROM tenants WHERE id = $1",
        );
        let row = self.tx.row(select.bind(&self.tenant_id)).await?;
        row.as_ref().map(terms).transpose()
    }
}

impl TenantTx<ReadWrite> {
    /// Lets the company have `terms` from now on.
    ///
    /// Whoever may only change what nobody else has changed compares the revision in this same transaction: writers of
    /// one company wait for each other.
    pub async fn set_terms(&mut self, terms: TenantTerms) -> Result<(Revision, TenantTerms), StoreError> {
        let (was, before) = self.terms().await?.ok_or(StoreError::NoTenant)?;
        let revision = was.next();
        let update = query(
            TABLE,
            "UPDATE tenants SET concurrent_calls = $2, suspended = $3, terms_revision = $4 WHERE id = $1",
        )
        .bind(&self.tenant_id)
        .bind(&terms.concurrent_calls)
        .bind(&terms.suspended)
        .bind(&revision);
        self.tx.run(update).await?;
        let id = self.tenant_id;
        let of_company = |revision, terms| OfCompany { id, revision, terms };
        self.record(Some(&of_company(was, before)), Some(&of_company(revision, terms)))
            .await?;
        Ok((revision, terms))
    }
}

fn terms(row: &Row) -> Result<(Revision, TenantTerms), StoreError> {
    let terms = TenantTerms {
        concurrent_calls: row.read("concurrent_calls")?,
        suspended: row.read("suspended")?,
    };
    Ok((row.read("terms_revision")?, terms))
}

impl Audited for OfCompany {
    const KIND: EntityKind = EntityKind::Tenant;

    fn key(&self) -> String {
        self.id.to_string()
    }
}
