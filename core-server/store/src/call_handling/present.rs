//! What a company has at all: most companies lack most of it, and what is not there is not asked for.

use crate::{
    StoreError, TenantTx,
    db::{Row, query},
};

/// Which tables have rows of the company.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present {
    pub(super) settings: bool,
    pub(super) numbers: bool,
    pub(super) caller_ids: bool,
    pub(super) ring_groups: bool,
    pub(super) intervals: bool,
    pub(super) forwarding_rules: bool,
    pub(super) blocked_callers: bool,
    pub(super) hot_desks: bool,
    pub(super) feature_codes: bool,
    pub(super) contacts: bool,
}

impl<Access> TenantTx<Access> {
    pub(super) async fn present(&mut self) -> Result<Present, StoreError> {
        let select = query(
            "tenants",
            "SELECT
                 suspended OR EXISTS (SELECT 1 FROM company_settings WHERE tenant_id = $1) AS settings,
                 EXISTS (SELECT 1 FROM numbers WHERE tenant_id = $1) AS numbers,
                 EXISTS (SELECT 1 FROM approved_caller_ids WHERE tenant_id = $1) AS caller_ids,
                 EXISTS (SELECT 1 FROM ring_groups WHERE tenant_id = $1) AS ring_groups,
                 EXISTS (SELECT 1 FROM intervals WHERE tenant_id = $1) AS intervals,
                 EXISTS (SELECT 1 FROM forwarding_rules WHERE tenant_id = $1) AS forwarding_rules,
                 EXISTS (SELECT 1 FROM blocked_callers WHERE tenant_id = $1) AS blocked_callers,
                 EXISTS (SELECT 1 FROM hot_desks WHERE tenant_id = $1) AS hot_desks,
                 EXISTS (SELECT 1 FROM feature_codes WHERE tenant_id = $1) AS feature_codes,
                 EXISTS (SELECT 1 FROM contacts WHERE tenant_id = $1) AS contacts
             FROM tenants WHERE id = $1",
        );
        let row = self.tx.row(select.bind(&self.tenant_id)).await?;
        present(&row.ok_or(StoreError::NoTenant)?)
    }
}

fn present(row: &Row) -> Result<Present, StoreError> {
    Ok(Present {
        settings: row.read("settings")?,
        numbers: row.read("numbers")?,
        caller_ids: row.read("caller_ids")?,
        ring_groups: row.read("ring_groups")?,
        intervals: row.read("intervals")?,
        forwarding_rules: row.read("forwarding_rules")?,
        blocked_callers: row.read("blocked_callers")?,
        hot_desks: row.read("hot_desks")?,
        feature_codes: row.read("feature_codes")?,
        contacts: row.read("contacts")?,
    })
}
