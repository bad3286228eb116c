//! Whom the company does not want to hear.

use wigwag_model::BlockedCaller;

use crate::{Quarantined, StoreError, TenantTx, blocked_caller, tenant::usable};

impl<Access> TenantTx<Access> {
    pub(super) async fn load_blocked_callers(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<Vec<BlockedCaller>, StoreError> {
        let rows = self.tx.rows(blocked_caller::select_all(self.tenant_id)).await?;
        usable(&rows, quarantined, blocked_caller::blocked_caller)
    }
}
