//! What a company has set up about where its calls go, for the snapshot: one file for each kind of thing.
//!
//! A row that cannot be used is left out and noted; the rest of the company goes on without it.

mod caller_ids;
mod numbers;
mod settings;

use wigwag_model::CallHandling;

use crate::{Quarantined, StoreError, TenantTx};

impl<Access> TenantTx<Access> {
    /// All of it.
    pub(crate) async fn call_handling(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<CallHandling, StoreError> {
        Ok(CallHandling {
            settings: self.load_settings(quarantined).await?,
            numbers: self.load_numbers(quarantined).await?,
            approved_caller_ids: self.load_caller_ids(quarantined).await?,
            ..CallHandling::default()
        })
    }
}
