//! What holds for the whole company; the defaults when it cannot be read.

use wigwag_model::CompanySettings;

use crate::{Quarantined, StoreError, TenantTx};

impl<Access> TenantTx<Access> {
    pub(super) async fn load_settings(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<CompanySettings, StoreError> {
        match self.company_settings().await {
            Err(StoreError::Corrupt { table, column }) => {
                quarantined.push(Quarantined {
                    table,
                    id: self.tenant_id.to_string(),
                    column: Some(column),
                });
                Ok(CompanySettings::default())
            }
            settings => settings,
        }
    }
}
