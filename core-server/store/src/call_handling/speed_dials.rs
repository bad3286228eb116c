//! Contacts that have a speed dial.

use wigwag_model::SpeedDial;

use crate::{Quarantined, StoreError, TenantTx, contact, tenant::usable};

impl<Access> TenantTx<Access> {
    pub(super) async fn load_speed_dials(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<Vec<SpeedDial>, StoreError> {
        let rows = self.tx.rows(contact::select_speed_dials(self.tenant_id)).await?;
        usable(&rows, quarantined, contact::speed_dial)
    }
}
