//! Who receives calls at whose phone.

use wigwag_model::HotDesk;

use crate::{Quarantined, StoreError, TenantTx, hot_desk, tenant::usable};

impl<Access> TenantTx<Access> {
    pub(super) async fn load_hot_desks(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<Vec<HotDesk>, StoreError> {
        let rows = self.tx.rows(hot_desk::select_all(self.tenant_id)).await?;
        usable(&rows, quarantined, hot_desk::hot_desk)
    }
}
