//! Reading the history: one call, a page, a count.

use wigwag_model::{CallId, CallRecord};

use super::{CallCursor, CallFilter, CallPage, rows};
use crate::{
    StoreError, TenantTx,
    db::{Query, query},
};

const TABLE: &str = "call_records";
const LEGS: &str = "call_legs";

/// The columns of a record and, by a nested `page` of (tenant_id, id, started_at), which records.
macro_rules! records_of {
    ($page:expr) => {
        concat!(
            "SELECT r.tenant_id, r.id, r.direction,
                 r.caller_name, r.caller_number, r.caller_extension_id, r.caller_extension, r.dialled,
                 r.callee_name, r.callee_number, r.callee_extension_id, r.callee_extension,
                 r.started_at, r.answered_at, r.ended_at, r.talk_ms, r.outcome, r.cause
             FROM (",
            $page,
            ") page JOIN call_records r ON r.tenant_id = page.tenant_id AND r.id = page.id
             ORDER BY r.started_at DESC, r.id DESC"
        )
    };
}

/// The columns of a leg, for the same pages.
macro_rules! legs_of {
    ($page:expr) => {
        concat!(
            "SELECT l.call_id, l.leg, l.role, l.extension_id, l.device_id, l.address,
                 l.started_at, l.ringing_at, l.answered_at, l.ended_at, l.cause,
                 l.packets_received, l.packets_sent, l.packets_lost, l.jitter_us, l.reported_lost, l.round_trip_us
             FROM (",
            $page,
            ") page JOIN call_legs l ON l.tenant_id = page.tenant_id AND l.call_id = page.id
             ORDER BY l.call_id, l.leg"
        )
    };
}

macro_rules! one {
    () => {
        "SELECT tenant_id, id FROM call_records WHERE tenant_id = $1 AND id = $2"
    };
}

macro_rules! page_of_company {
    () => {
        "SELECT c.tenant_id, c.id FROM call_records c
         WHERE c.tenant_id = $1 AND (c.started_at, c.id) < ($2, $3) AND c.started_at >= $4
             AND ($5 IS NULL OR c.outcome = $5)
         ORDER BY c.started_at DESC, c.id DESC LIMIT $6"
    };
}

macro_rules! page_of_extension {
    () => {
        "SELECT c.tenant_id, c.id
         FROM call_participants p JOIN call_records c ON c.tenant_id = p.tenant_id AND c.id = p.call_id
         WHERE p.tenant_id = $1 AND (p.started_at, p.call_id) < ($2, $3) AND p.started_at >= $4
             AND ($5 IS NULL OR c.outcome = $5) AND p.extension_id = $7
         ORDER BY p.started_at DESC, p.call_id DESC LIMIT $6"
    };
}

impl<Access> TenantTx<Access> {
    /// The call `id`.
    pub async fn call_record(&mut self, id: CallId) -> Result<Option<CallRecord>, StoreError> {
        let ask = |table, sql| query(table, sql).bind(&self.tenant_id).bind(&id);
        let (record, legs) = (ask(TABLE, records_of!(one!())), ask(LEGS, legs_of!(one!())));
        let Some(row) = self.tx.row(record).await? else {
            return Ok(None);
        };
        let mut legs = rows::legs(&self.tx.rows(legs).await?)?;
        rows::record(&row, &mut legs).map(Some)
    }

    /// The calls that `filter` lets through, the newest first, at most `limit` of them, after the page whose `next`
    /// is `after`.
    pub async fn call_records(
        &mut self,
        filter: &CallFilter,
        after: Option<CallCursor>,
        limit: u32,
    ) -> Result<CallPage, StoreError> {
        let (records, legs) = match filter.extension_id {
            None => (records_of!(page_of_company!()), legs_of!(page_of_company!())),
            Some(_) => (records_of!(page_of_extension!()), legs_of!(page_of_extension!())),
        };
        // One more than asked for tells whether there is another page.
        let ask = |table, sql| self.page(query(table, sql), filter, after, limit.saturating_add(1));
        let (records, legs) = (ask(TABLE, records), ask(LEGS, legs));
        let records = self.tx.rows(records).await?;
        let mut legs = rows::legs(&self.tx.rows(legs).await?)?;
        let records: Result<Vec<_>, _> = records.iter().map(|row| rows::record(row, &mut legs)).collect();
        Ok(cut(records?, limit as usize))
    }

    /// How many calls `filter` lets through.
    pub async fn count_call_records(&mut self, filter: &CallFilter) -> Result<u64, StoreError> {
        let count = match filter.extension_id {
            None => concat!("SELECT COUNT(*) AS calls FROM (", page_of_company!(), ") page"),
            Some(_) => concat!("SELECT COUNT(*) AS calls FROM (", page_of_extension!(), ") page"),
        };
        let count = self.page(query(TABLE, count), filter, None, u32::MAX);
        self.tx.row(count).await?.map_or(Ok(0), |row| row.read("calls"))
    }

    fn page(&self, query: Query, filter: &CallFilter, after: Option<CallCursor>, limit: u32) -> Query {
        let (before, before_id) = match (after, filter.until) {
            (Some(cursor), _) => (cursor.started_at.as_millis(), cursor.id.to_string()),
            // No id sorts before the empty text, so nothing that started at `until` gets through.
            (None, until) => (until.map_or(i64::MAX, |until| until.as_millis()), String::new()),
        };
        let query = query
            .bind(&self.tenant_id)
            .bind(&before)
            .bind(&before_id)
            .bind(&filter.from.map_or(i64::MIN, |from| from.as_millis()))
            .bind(&filter.outcome)
            .bind(&limit);
        match &filter.extension_id {
            Some(extension_id) => query.bind(extension_id),
            None => query,
        }
    }
}

fn cut(mut records: Vec<CallRecord>, limit: usize) -> CallPage {
    let more = records.len() > limit;
    records.truncate(limit);
    let next = records.last().filter(|_| more).map(|last| CallCursor {
        started_at: last.started_at,
        id: last.id,
    });
    CallPage { records, next }
}
