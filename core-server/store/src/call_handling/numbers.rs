//! Public numbers with their rules. A rule that cannot be used is left out alone.

use wigwag_model::IncomingNumber;

use crate::{Quarantined, StoreError, TenantTx, number, tenant::usable};

impl<Access> TenantTx<Access> {
    pub(super) async fn load_numbers(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<Vec<IncomingNumber>, StoreError> {
        let rows = self.tx.rows(number::select_all(self.tenant_id)).await?;
        let mut numbers = usable(&rows, quarantined, number::number)?;
        let rows = self.tx.rows(number::select_rules(self.tenant_id)).await?;
        for (number_id, rule) in usable(&rows, quarantined, number::rule_of)? {
            if let Some(number) = numbers.iter_mut().find(|number| number.id == number_id) {
                number.settings.routing_rules.push(rule);
            }
        }
        Ok(numbers)
    }
}
