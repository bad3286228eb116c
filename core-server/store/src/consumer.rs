//! How far each consumer of the journal has come.

use crate::{
    Store, StoreError,
    db::{Row, Scope, Tx, query},
    journal::Cursor,
};

pub(crate) const TABLE: &str = "consumer_cursors";

/// Where a consumer goes on after a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The first entry that it has not seen.
    pub cursor: Cursor,
    /// What it knew of unfinished calls there, in its own words.
    pub state: String,
}

impl Store {
    /// The last checkpoint of `consumer`; `None` when it has never made one.
    pub async fn checkpoint(&self, consumer: &'static str) -> Result<Option<Checkpoint>, StoreError> {
        let select = query(
            TABLE,
            "SELECT segment, position, state FROM consumer_cursors WHERE consumer = $1",
        );
        let Some(row) = self
            .db
            .read(Scope::Platform)
            .await?
            .row(select.bind(&consumer.to_owned()))
            .await?
        else {
            return Ok(None);
        };
        Ok(Some(Checkpoint {
            cursor: cursor(&row)?,
            state: row.read("state")?,
        }))
    }

    /// The checkpoint that lies furthest back: no consumer needs what is before it. `None` without any consumer.
    pub async fn oldest_cursor(&self) -> Result<Option<Cursor>, StoreError> {
        oldest(&mut self.db.read(Scope::Platform).await?).await
    }
}

pub(crate) async fn oldest(tx: &mut Tx) -> Result<Option<Cursor>, StoreError> {
    let select = "SELECT segment, position FROM consumer_cursors ORDER BY segment, position LIMIT 1";
    let row = tx.row(query(TABLE, select)).await?;
    row.as_ref().map(cursor).transpose()
}

pub(crate) async fn save(tx: &mut Tx, consumer: &'static str, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    let upsert = query(
        TABLE,
        "INSERT INTO consumer_cursors (consumer, segment, position, state) VALUES ($1, $2, $3, $4)
         ON CONFLICT (consumer) DO UPDATE SET
             segment = excluded.segment, position = excluded.position, state = excluded.state",
    )
    .bind(&consumer.to_owned())
    .bind(&checkpoint.cursor.segment)
    .bind(&checkpoint.cursor.offset)
    .bind(&checkpoint.state);
    tx.run(upsert).await.map(|_| ())
}

fn cursor(row: &Row) -> Result<Cursor, StoreError> {
    Ok(Cursor {
        segment: row.read("segment")?,
        offset: row.read("position")?,
    })
}
