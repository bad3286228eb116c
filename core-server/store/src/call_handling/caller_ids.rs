//! Numbers of others that the company may show.

use wigwag_model::PhoneNumber;

use crate::{Quarantined, StoreError, TenantTx, company, tenant::usable};

impl<Access> TenantTx<Access> {
    pub(super) async fn load_caller_ids(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<Vec<PhoneNumber>, StoreError> {
        let rows = self.tx.rows(company::select_caller_ids(self.tenant_id)).await?;
        usable(&rows, quarantined, |row| row.read("number"))
    }
}
