//! Taking a backup: one state of the database, and the journal from there on.

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use wigwag_sansio::Utc;

use super::{
    BackupError, Contents, FILES,
    cells::to_json,
    format::{FORMAT, Line, LineWriter},
    tail::Tail,
};
use crate::{
    consumer,
    db::{Db, Scope, Stored, Table, Tx, Value},
    journal::Cursor,
    store::open_database,
};

/// Rows read at a time.
const PAGE: i64 = 500;
/// How often the server may remove the journal from under our hands before we do without it.
const ATTEMPTS: u32 = 5;

/// Writes a backup of the folder `data` and its database to the new file `to`, which only its owner can read: it
/// holds all secrets and their keys. A server may run meanwhile, and is not held up.
pub async fn backup(data: &Path, database_url: Option<&str>, to: &Path, now: Utc) -> Result<Contents, BackupError> {
    if database_url.is_none() && !data.join(crate::store::DATABASE_FILE).exists() {
        return Err(BackupError::Nothing);
    }
    let db = open_database(data, database_url).await?;
    let part = part_of(to);
    let done = match write(&db, data, &part, now).await {
        // What is there under the name itself is never written over.
        Ok(contents) => fs::hard_link(&part, to).map(|()| contents).map_err(BackupError::from),
        Err(error) => Err(error),
    };
    // It may never have been made.
    let _ = fs::remove_file(&part);
    db.close().await;
    done
}

/// The name until the backup is whole.
fn part_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    to.with_file_name(name)
}

async fn write(db: &Db, data: &Path, to: &Path, now: Utc) -> Result<Contents, BackupError> {
    let Some(schema) = db.applied_migrations().await?.last().copied() else {
        return Err(BackupError::Nothing);
    };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(to)?;
    let mut out = LineWriter::new(file);
    out.write(&Line::Backup {
        format: FORMAT,
        schema,
        taken_at: now,
    })?;
    let (mut tx, tail) = one_state(db, &data.join("journal")).await?;
    // After the state was fixed: keys are added to the ring before they are used.
    write_files(&mut out, data)?;
    let mut rows = 0;
    for table in tx.tables().await? {
        rows += write_table(&mut out, &mut tx, &table, &tail).await?;
    }
    drop(tx);
    let journal_bytes = tail.read(|lines| out.write(&Line::Journal(lines.to_owned())))?;
    out.finish()?;
    Ok(Contents {
        taken_at: now,
        rows,
        journal_bytes,
    })
}

fn write_files(out: &mut LineWriter, data: &Path) -> Result<(), BackupError> {
    for name in FILES {
        match fs::read_to_string(data.join(name)) {
            Ok(text) => out.write(&Line::File {
                name: name.to_owned(),
                text,
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A transaction whose state stays as it is, and all of the journal that this state has not seen.
async fn one_state(db: &Db, journal: &Path) -> Result<(Tx, Tail), BackupError> {
    let mut attempt = 0;
    loop {
        let mut tx = db.read(Scope::Platform).await?;
        // The first query fixes the state.
        let from = consumer::oldest(&mut tx).await?.unwrap_or_default();
        attempt += 1;
        // The history may just have come further, and its segment be gone: look at the newer state then.
        let from = if attempt < ATTEMPTS { from } else { Cursor::default() };
        if let Some(tail) = Tail::open(journal, from)? {
            return Ok((tx, tail));
        }
    }
}

async fn write_table(out: &mut LineWriter, tx: &mut Tx, table: &Table, tail: &Tail) -> Result<u64, BackupError> {
    out.write(&Line::Table(table.clone()))?;
    let pages = table.pages();
    let (mut last, mut count) = (None, 0);
    loop {
        let rows = pages.after(tx, last.as_ref(), PAGE).await?;
        for row in &rows {
            let mut row = row.clone();
            if table.name == consumer::TABLE {
                move_cursor(table, &mut row, tail);
            }
            out.write(&Line::Row(row.iter().map(to_json).collect()))?;
        }
        count += rows.len() as u64;
        last = rows.into_iter().next_back();
        if last.is_none() {
            return Ok(count);
        }
    }
}

/// The journal of the backup begins anew with its tail.
fn move_cursor(table: &Table, row: &mut [Value], tail: &Tail) {
    let place = |name: &str| table.columns.iter().position(|column| column.name == name);
    let (Some(segment), Some(offset)) = (place("segment"), place("position")) else {
        return;
    };
    let number = |value: &Value| match value {
        Value::Integer(Some(number)) => u64::try_from(*number).unwrap_or_default(),
        Value::Integer(None) | Value::Text(_) | Value::Boolean(_) | Value::Bytes(_) => 0,
    };
    let cursor = tail.place_of(Cursor {
        segment: number(&row[segment]),
        offset: number(&row[offset]),
    });
    row[segment] = cursor.segment.store();
    row[offset] = cursor.offset.store();
}
