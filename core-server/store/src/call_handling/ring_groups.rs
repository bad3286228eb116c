//! Ring groups with their members. A member that cannot be used is left out alone.

use wigwag_model::RingGroup;

use crate::{Quarantined, StoreError, TenantTx, ring_group, tenant::usable};

impl<Access> TenantTx<Access> {
    pub(super) async fn load_ring_groups(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<Vec<RingGroup>, StoreError> {
        let rows = self.tx.rows(ring_group::select_all(self.tenant_id)).await?;
        let mut groups = usable(&rows, quarantined, ring_group::group)?;
        let rows = self.tx.rows(ring_group::select_members(self.tenant_id)).await?;
        ring_group::add_members(&mut groups, usable(&rows, quarantined, ring_group::member)?);
        Ok(groups)
    }
}
