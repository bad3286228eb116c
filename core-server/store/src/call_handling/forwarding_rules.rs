//! Forwarding rules, those of one extension in their order.

use wigwag_model::{ExtensionId, ForwardingRule};

use crate::{Quarantined, StoreError, TenantTx, forwarding_rule, tenant::usable};

impl<Access> TenantTx<Access> {
    pub(super) async fn load_forwarding_rules(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<Vec<(ExtensionId, ForwardingRule)>, StoreError> {
        let rows = self.tx.rows(forwarding_rule::select_all(self.tenant_id)).await?;
        usable(&rows, quarantined, forwarding_rule::rule)
    }
}
