//! Removing what is older than anybody wants to keep it.

use wigwag_sansio::Utc;

use crate::{ReadWrite, StoreError, TenantTx, db::query};

impl TenantTx<ReadWrite> {
    /// Removes the company's oldest calls that began before `before`, at most `most` of them; tells how many.
    pub async fn remove_calls_before(&mut self, before: Utc, most: u32) -> Result<u64, StoreError> {
        let delete = query(
            "call_records",
            "DELETE FROM call_records WHERE tenant_id = $1 AND id IN
                 (SELECT id FROM call_records WHERE tenant_id = $1 AND started_at < $2
                  ORDER BY started_at, id LIMIT $3)",
        );
        let delete = delete.bind(&self.tenant_id).bind(&before).bind(&most);
        self.tx.run(delete).await
    }
}
