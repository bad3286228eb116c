//! Writing finished calls together with how far the journal has been read.

use std::collections::BTreeSet;

use wigwag_model::{CallLeg, CallRecord, ExtensionId, Party};

use crate::{
    Checkpoint, Store, StoreError, consumer,
    db::{Query, Tx, query},
};

impl Store {
    /// Writes `records` and, if given, the consumer's new checkpoint, in one transaction; tells how many were new.
    ///
    /// A call that is there already is left as it is, and one of a company that is gone is left out.
    pub async fn record_calls(
        &self,
        consumer: &'static str,
        records: &[CallRecord],
        checkpoint: Option<&Checkpoint>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.db.write().await?;
        let mut fresh = 0;
        for record in records {
            fresh += u64::from(insert(&mut tx, record).await?);
        }
        if let Some(checkpoint) = checkpoint {
            consumer::save(&mut tx, consumer, checkpoint).await?;
        }
        tx.commit().await?;
        Ok(fresh)
    }
}

/// Writes one call, unless it is there already.
async fn insert(tx: &mut Tx, record: &CallRecord) -> Result<bool, StoreError> {
    if tx.run(insert_record(record)).await? == 0 {
        return Ok(false);
    }
    for leg in &record.legs {
        tx.run(insert_leg(record, leg)).await?;
    }
    for extension_id in participants(record) {
        tx.run(insert_participant(record, extension_id)).await?;
    }
    Ok(true)
}

fn insert_record(record: &CallRecord) -> Query {
    let extension = |party: &Party| party.extension.clone();
    let (caller_extension_id, caller_extension) = extension(&record.caller).unzip();
    let (callee_extension_id, callee_extension) = record.callee.as_ref().and_then(extension).unzip();
    query(
        "call_records",
        "INSERT INTO call_records
             (tenant_id, id, direction, caller_name, caller_number, caller_extension_id, caller_extension, dialled,
              callee_name, callee_number, callee_extension_id, callee_extension,
              started_at, answered_at, ended_at, talk_ms, outcome, cause)
         SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18
         FROM tenants WHERE id = $1
         ON CONFLICT (tenant_id, id) DO NOTHING",
    )
    .bind(&record.tenant_id)
    .bind(&record.id)
    .bind(&record.direction)
    .bind(&record.caller.name)
    .bind(&record.caller.number)
    .bind(&caller_extension_id)
    .bind(&caller_extension)
    .bind(&record.dialled)
    .bind(&record.callee.as_ref().and_then(|callee| callee.name.clone()))
    .bind(&record.callee.as_ref().map(|callee| callee.number.clone()))
    .bind(&callee_extension_id)
    .bind(&callee_extension)
    .bind(&record.started_at)
    .bind(&record.answered_at)
    .bind(&record.ended_at)
    .bind(&record.talk_ms)
    .bind(&record.outcome)
    .bind(&record.cause)
}

fn insert_leg(record: &CallRecord, leg: &CallLeg) -> Query {
    query(
        "call_legs",
        "INSERT INTO call_legs
             (tenant_id, call_id, leg, role, extension_id, device_id, address,
              started_at, ringing_at, answered_at, ended_at, cause,
              packets_received, packets_sent, packets_lost, jitter_us, reported_lost, round_trip_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(&record.tenant_id)
    .bind(&record.id)
    .bind(&leg.leg)
    .bind(&leg.role)
    .bind(&leg.extension_id)
    .bind(&leg.device_id)
    .bind(&leg.address)
    .bind(&leg.started_at)
    .bind(&leg.ringing_at)
    .bind(&leg.answered_at)
    .bind(&leg.ended_at)
    .bind(&leg.cause)
    .bind(&leg.media.map(|media| media.packets_received))
    .bind(&leg.media.map(|media| media.packets_sent))
    .bind(&leg.media.map(|media| media.packets_lost))
    .bind(&leg.media.map(|media| media.jitter_us))
    .bind(&leg.media.map(|media| media.reported_lost))
    .bind(&leg.media.and_then(|media| media.round_trip_us))
}

fn insert_participant(record: &CallRecord, extension_id: ExtensionId) -> Query {
    query(
        "call_participants",
        "INSERT INTO call_participants (tenant_id, extension_id, started_at, call_id) VALUES ($1, $2, $3, $4)",
    )
    .bind(&record.tenant_id)
    .bind(&extension_id)
    .bind(&record.started_at)
    .bind(&record.id)
}

/// The extensions that called, were called, or rang.
fn participants(record: &CallRecord) -> BTreeSet<ExtensionId> {
    let parties = [Some(&record.caller), record.callee.as_ref()];
    let of_parties = parties
        .into_iter()
        .flatten()
        .filter_map(|party| Some(party.extension.as_ref()?.0));
    of_parties
        .chain(record.legs.iter().filter_map(|leg| leg.extension_id))
        .collect()
}
