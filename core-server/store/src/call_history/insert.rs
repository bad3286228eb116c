//! Writing finished calls together with how far the journal has been read.

use std::collections::BTreeSet;

use wigwag_model::{CallLeg, CallRecord, ExtensionId, Party};

use crate::{
    Checkpoint, Store, StoreError, consumer,
    db::{BulkInsert, Scope, Stored, Value},
};

static RECORDS: BulkInsert = BulkInsert::new(
    "call_records",
    "INSERT INTO call_records
         (tenant_id, id, direction, caller_name, caller_number, caller_extension_id, caller_extension, dialled,
          callee_name, callee_number, callee_extension_id, callee_extension,
          started_at, answered_at, ended_at, talk_ms, outcome, cause)",
    18,
    "ON CONFLICT (tenant_id, id) DO NOTHING",
);

static LEGS: BulkInsert = BulkInsert::new(
    "call_legs",
    "INSERT INTO call_legs
         (tenant_id, call_id, leg, role, extension_id, device_id, address,
          started_at, ringing_at, answered_at, ended_at, cause,
          packets_received, packets_sent, packets_lost, jitter_us, reported_lost, round_trip_us)",
    18,
    "ON CONFLICT (tenant_id, call_id, leg) DO NOTHING",
);

static PARTICIPANTS: BulkInsert = BulkInsert::new(
    "call_participants",
    "INSERT INTO call_participants (tenant_id, extension_id, started_at, call_id)",
    4,
    "ON CONFLICT (tenant_id, extension_id, started_at, call_id) DO NOTHING",
);

impl Store {
    /// Writes `records` and, if given, the consumer's new checkpoint, in one transaction; tells how many were new.
    ///
    /// A call that is there already is left as it is. A call of a company that is gone breaks a
    /// [rule](crate::Fault::Constraint), and nothing is written.
    pub async fn record_calls(
        &self,
        consumer: &'static str,
        records: &[CallRecord],
        checkpoint: Option<&Checkpoint>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.db.write(Scope::Platform).await?;
        let fresh = tx.insert(&RECORDS, records.iter().map(record_row).collect()).await?;
        tx.insert(&LEGS, records.iter().flat_map(leg_rows).collect()).await?;
        tx.insert(&PARTICIPANTS, records.iter().flat_map(participant_rows).collect())
            .await?;
        if let Some(checkpoint) = checkpoint {
            consumer::save(&mut tx, consumer, checkpoint).await?;
        }
        tx.commit().await?;
        Ok(fresh)
    }
}

fn record_row(record: &CallRecord) -> Vec<Value> {
    let callee = record.callee.as_ref();
    let extension_id = |party: &Party| party.extension.as_ref().map(|(id, _)| *id);
    let extension = |party: &Party| party.extension.as_ref().map(|(_, number)| number.clone());
    vec![
        record.tenant_id.store(),
        record.id.store(),
        record.direction.store(),
        record.caller.name.store(),
        record.caller.number.store(),
        extension_id(&record.caller).store(),
        extension(&record.caller).store(),
        record.dialled.store(),
        callee.and_then(|callee| callee.name.clone()).store(),
        callee.map(|callee| callee.number.clone()).store(),
        callee.and_then(extension_id).store(),
        callee.and_then(extension).store(),
        record.started_at.store(),
        record.answered_at.store(),
        record.ended_at.store(),
        record.talk_ms.store(),
        record.outcome.store(),
        record.cause.store(),
    ]
}

fn leg_rows(record: &CallRecord) -> impl Iterator<Item = Vec<Value>> {
    record.legs.iter().map(|leg| leg_row(record, leg))
}

fn leg_row(record: &CallRecord, leg: &CallLeg) -> Vec<Value> {
    let media = leg.media;
    vec![
        record.tenant_id.store(),
        record.id.store(),
        leg.leg.store(),
        leg.role.store(),
        leg.extension_id.store(),
        leg.device_id.store(),
        leg.address.store(),
        leg.started_at.store(),
        leg.ringing_at.store(),
        leg.answered_at.store(),
        leg.ended_at.store(),
        leg.cause.store(),
        media.map(|media| media.packets_received).store(),
        media.map(|media| media.packets_sent).store(),
        media.map(|media| media.packets_lost).store(),
        media.map(|media| media.jitter_us).store(),
        media.map(|media| media.reported_lost).store(),
        media.and_then(|media| media.round_trip_us).store(),
    ]
}

fn participant_rows(record: &CallRecord) -> impl Iterator<Item = Vec<Value>> {
    let row = |extension_id: ExtensionId| {
        vec![
            record.tenant_id.store(),
            extension_id.store(),
            record.started_at.store(),
            record.id.store(),
        ]
    };
    participants(record).into_iter().map(row)
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
