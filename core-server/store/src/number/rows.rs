//! Rows of the stock, of companies' numbers, and of their rules.

use wigwag_model::{
    Destination, IncomingNumber, IncomingNumberSettings, NumberCapabilities, NumberId, RoutingRule, StockNumber,
    StockPlace,
};

use crate::{StoreError, db::Row};

/// A company's number without its rules, which stand in rows of their own.
pub(crate) fn number(row: &Row) -> Result<IncomingNumber, StoreError> {
    Ok(IncomingNumber {
        id: row.read("id")?,
        number: row.read("number")?,
        capabilities: capabilities(row)?,
        revision: row.read("revision")?,
        settings: IncomingNumberSettings {
            identifier: row.read("identifier")?,
            destination: destination(row)?,
            routing_rules: Vec::new(),
        },
        taken_at: row.read("taken_at")?,
    })
}

/// A rule, and the number that it belongs to.
pub(crate) fn rule_of(row: &Row) -> Result<(NumberId, RoutingRule), StoreError> {
    let rule = RoutingRule {
        interval_id: row.read("interval_id")?,
        destination: destination(row)?.ok_or_else(|| row.corrupt("destination_kind"))?,
    };
    Ok((row.read("number_id")?, rule))
}

pub(super) fn stock_number(row: &Row) -> Result<(StockNumber, StockPlace), StoreError> {
    let number = StockNumber {
        number: row.read("number")?,
        area: row.read("area")?,
        kind: row.read("kind")?,
        capabilities: capabilities(row)?,
        monthly_price: row.read("monthly_price")?,
    };
    let place = match (row.read("tenant_id")?, row.read("quarantined_until")?) {
        (None, _) => StockPlace::Free,
        (Some(by), None) => StockPlace::Taken { by },
        (Some(by), Some(until)) => StockPlace::Quarantined { by, until },
    };
    Ok((number, place))
}

fn capabilities(row: &Row) -> Result<NumberCapabilities, StoreError> {
    Ok(NumberCapabilities {
        calls: row.read("calls")?,
        sms: row.read("sms")?,
        fax: row.read("fax")?,
    })
}

fn destination(row: &Row) -> Result<Option<Destination>, StoreError> {
    let (kind, id): (Option<String>, Option<String>) = (row.read("destination_kind")?, row.read("destination_id")?);
    let Some((kind, id)) = kind.zip(id) else {
        return Ok(None);
    };
    let destination = Destination::from_parts(&kind, &id);
    destination.map(Some).ok_or_else(|| row.corrupt("destination_kind"))
}
