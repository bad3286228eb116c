//! From rows to call records.

use std::collections::BTreeMap;

use wigwag_model::{CallId, CallLeg, CallRecord, MediaFigures, Party};

use crate::{StoreError, db::Row};

/// The record in `row`, with what `legs` has of it.
pub(super) fn record(row: &Row, legs: &mut BTreeMap<CallId, Vec<CallLeg>>) -> Result<CallRecord, StoreError> {
    let id = row.read("id")?;
    Ok(CallRecord {
        id,
        tenant_id: row.read("tenant_id")?,
        direction: row.read("direction")?,
        caller: Party {
            name: row.read("caller_name")?,
            number: row.read("caller_number")?,
            extension: row
                .read("caller_extension_id")
                .and_then(|id: Option<_>| Ok(id.zip(row.read("caller_extension")?)))?,
        },
        dialled: row.read("dialled")?,
        callee: callee(row)?,
        started_at: row.read("started_at")?,
        answered_at: row.read("answered_at")?,
        ended_at: row.read("ended_at")?,
        talk_ms: row.read("talk_ms")?,
        outcome: row.read("outcome")?,
        cause: row.read("cause")?,
        legs: legs.remove(&id).unwrap_or_default(),
    })
}

fn callee(row: &Row) -> Result<Option<Party>, StoreError> {
    let Some(number) = row.read("callee_number")? else {
        return Ok(None);
    };
    let extension_id: Option<_> = row.read("callee_extension_id")?;
    Ok(Some(Party {
        name: row.read("callee_name")?,
        number,
        extension: extension_id.zip(row.read("callee_extension")?),
    }))
}

/// The legs in `rows`, by call, in their order.
pub(super) fn legs(rows: &[Row]) -> Result<BTreeMap<CallId, Vec<CallLeg>>, StoreError> {
    let mut legs: BTreeMap<CallId, Vec<CallLeg>> = BTreeMap::new();
    for row in rows {
        legs.entry(row.read("call_id")?).or_default().push(leg(row)?);
    }
    Ok(legs)
}

fn leg(row: &Row) -> Result<CallLeg, StoreError> {
    Ok(CallLeg {
        leg: row.read("leg")?,
        role: row.read("role")?,
        extension_id: row.read("extension_id")?,
        device_id: row.read("device_id")?,
        address: row.read("address")?,
        started_at: row.read("started_at")?,
        ringing_at: row.read("ringing_at")?,
        answered_at: row.read("answered_at")?,
        ended_at: row.read("ended_at")?,
        cause: row.read("cause")?,
        media: media(row)?,
    })
}

fn media(row: &Row) -> Result<Option<MediaFigures>, StoreError> {
    let Some(packets_received) = row.read("packets_received")? else {
        return Ok(None);
    };
    Ok(Some(MediaFigures {
        packets_received,
        packets_sent: row.read("packets_sent")?,
        packets_lost: row.read("packets_lost")?,
        jitter_us: row.read("jitter_us")?,
        reported_lost: row.read("reported_lost")?,
        round_trip_us: row.read("round_trip_us")?,
    }))
}
