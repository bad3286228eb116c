//! The platform's stock: loading numbers, and freeing those that nobody took back.

use std::time::Duration;

use serde::Serialize;
use wigwag_model::{EntityKind, PhoneNumber, StockNumber};
use wigwag_sansio::Utc;

use super::STOCK;
use crate::{
    PlatformTx, Store, StoreError,
    audit::Audited,
    db::{BulkInsert, Scope, Stored, query},
};

/// How long a number that was given back is kept for the company that had it (A45).
pub const QUARANTINE: Duration = Duration::from_secs(30 * 24 * 3600);

static LOAD: BulkInsert = BulkInsert::new(
    STOCK,
    "INSERT INTO number_stock (number, area, area_lower, kind, calls, sms, fax, monthly_price, loaded_at)",
    9,
    "ON CONFLICT (number) DO UPDATE SET
         area = excluded.area, area_lower = excluded.area_lower, kind = excluded.kind, calls = excluded.calls,
         sms = excluded.sms, fax = excluded.fax, monthly_price = excluded.monthly_price",
);

/// What the audit log says of numbers that were loaded together.
#[derive(Serialize)]
struct Load<'a> {
    first: &'a PhoneNumber,
    last: &'a PhoneNumber,
    numbers: usize,
}

impl PlatformTx {
    /// Puts `numbers`, each of them once, into the stock; what the stock knew of them before is replaced, but not who
    /// has them.
    pub async fn load_stock(&mut self, numbers: &[StockNumber]) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
            return Ok(());
        };
        let at = self.at();
        let values = |stock: &StockNumber| {
            vec![
                stock.number.store(),
                stock.area.store(),
                stock.area.to_lowercase().store(),
                stock.kind.store(),
                stock.capabilities.calls.store(),
                stock.capabilities.sms.store(),
                stock.capabilities.fax.store(),
                stock.monthly_price.store(),
                at.store(),
            ]
        };
        self.tx.insert(&LOAD, numbers.iter().map(values).collect()).await?;
        let load = Load {
            first: &first.number,
            last: &last.number,
            numbers: numbers.len(),
        };
        self.record(None, Some(&load)).await
    }
}

impl Store {
    /// Frees the numbers whose quarantine has ended at `now`, and tells how many.
    pub async fn free_quarantined_numbers(&self, now: Utc) -> Result<u64, StoreError> {
        let update = query(
            STOCK,
            "UPDATE number_stock SET tenant_id = NULL, quarantined_until = NULL WHERE quarantined_until <= $1",
        );
        let mut tx = self.db.write(Scope::Platform).await?;
        let freed = tx.run(update.bind(&now)).await?;
        tx.commit().await?;
        Ok(freed)
    }
}

impl Audited for Load<'_> {
    const KIND: EntityKind = EntityKind::NumberStock;

    fn key(&self) -> String {
        self.first.to_string()
    }
}
