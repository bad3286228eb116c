//! Numbers of others that the platform's operator lets a company show (S059).

use serde::Serialize;
use wigwag_model::{EntityKind, PhoneNumber, TenantId};

use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Query, query},
};

const TABLE: &str = "approved_caller_ids";

#[derive(Serialize)]
struct Approval<'a> {
    number: &'a PhoneNumber,
}

impl<Access> TenantTx<Access> {
    /// The approved numbers in their order.
    pub async fn approved_caller_ids(&mut self) -> Result<Vec<PhoneNumber>, StoreError> {
        let rows = self.tx.rows(select_caller_ids(self.tenant_id)).await?;
        rows.iter().map(|row| row.read("number")).collect()
    }
}

impl TenantTx<ReadWrite> {
    /// Lets the company show `number`, and tells whether it could not before.
    pub async fn approve_caller_id(&mut self, number: &PhoneNumber) -> Result<bool, StoreError> {
        let insert = query(
            TABLE,
            "INSERT INTO approved_caller_ids (tenant_id, number, approved_at) VALUES ($1, $2, $3)
             ON CONFLICT (tenant_id, number) DO NOTHING",
        )
        .bind(&self.tenant_id)
        .bind(number)
        .bind(&self.at());
        let is_new = self.tx.run(insert).await? > 0;
        if is_new {
            self.record(None, Some(&Approval { number })).await?;
        }
        Ok(is_new)
    }

    /// Lets the company no longer show `number`, and tells whether it could before.
    pub async fn withdraw_caller_id(&mut self, number: &PhoneNumber) -> Result<bool, StoreError> {
        let delete = query(
            TABLE,
            "DELETE FROM approved_caller_ids WHERE tenant_id = $1 AND number = $2",
        );
        let was_there = self.tx.run(delete.bind(&self.tenant_id).bind(number)).await? > 0;
        if was_there {
            self.record(Some(&Approval { number }), None).await?;
        }
        Ok(was_there)
    }
}

/// The approved numbers in their order; the number is the row's id.
pub(crate) fn select_caller_ids(tenant_id: TenantId) -> Query {
    query(
        TABLE,
        "SELECT number, number AS id FROM approved_caller_ids WHERE tenant_id = $1 ORDER BY number",
    )
    .bind(&tenant_id)
}

impl Audited for Approval<'_> {
    const KIND: EntityKind = EntityKind::ApprovedCallerId;

    fn key(&self) -> String {
        self.number.to_string()
    }
}
