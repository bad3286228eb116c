//! Time intervals. A rule whose interval is left out holds never.

use wigwag_model::Interval;

use crate::{Quarantined, StoreError, TenantTx, interval, tenant::usable};

impl<Access> TenantTx<Access> {
    pub(super) async fn load_intervals(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<Vec<Interval>, StoreError> {
        let rows = self.tx.rows(interval::select_all(self.tenant_id)).await?;
        usable(&rows, quarantined, interval::interval)
    }
}
