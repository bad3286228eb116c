//! The star codes; the usual ones when they cannot be read.

use wigwag_model::FeatureCodes;

use crate::{Quarantined, StoreError, TenantTx, feature_codes, tenant::usable};

impl<Access> TenantTx<Access> {
    pub(super) async fn load_feature_codes(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<FeatureCodes, StoreError> {
        let rows = self.tx.rows(feature_codes::select(self.tenant_id)).await?;
        let codes = usable(&rows, quarantined, feature_codes::feature_codes)?;
        Ok(codes.into_iter().next().unwrap_or_default())
    }
}
