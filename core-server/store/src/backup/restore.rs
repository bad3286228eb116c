//! Restoring: the backup is read whole and found good before anything is touched.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use thiserror::Error;
use wigwag_sansio::Utc;

use super::{
    BackupError, Contents, FILES,
    cells::from_json,
    format::{Line, LineReader, check},
};
use crate::{
    StoreError,
    db::{BulkInsert, Db, Scope, Table, Tx, Value},
    journal::segment,
    store::{DATABASE_FILE, make_folder},
};

/// Rows written at a time.
const BATCH: usize = 64;
/// The name of the database file until it is whole.
const PART: &str = "wigwag.db.part";

/// Why nothing, or not everything, was restored.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// The backup cannot be used, or the database or a file cannot be written.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// There is something already, and nobody said that it may go.
    #[error("there is a database, a key ring or a journal here already")]
    Occupied,
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        RestoreError::Backup(error.into())
    }
}

impl From<io::Error> for RestoreError {
    fn from(error: io::Error) -> Self {
        RestoreError::Backup(error.into())
    }
}

/// Puts the backup `from` into the folder `data` and the database, in place of what is there if `replace` allows it.
///
/// No server may use either. When it fails halfway nothing works until it is done again. Older backups have an older
/// schema: the next [`crate::Store::open`] brings it up to date.
pub async fn restore(
    from: &Path,
    data: &Path,
    database_url: Option<&str>,
    replace: bool,
) -> Result<Contents, RestoreError> {
    let (schema, taken_at) = check(from)?;
    make_folder(data)?;
    let part = data.join(PART);
    let db = match database_url {
        Some(url) => Db::postgres(url).await?,
        None => {
            remove_database(&part)?;
            Db::sqlite(&part).await?
        }
    };
    let done = put(&db, schema, from, data, replace).await;
    db.close().await;
    let contents = match done {
        Ok(contents) => contents,
        Err(error) => {
            remove_database(&part)?;
            return Err(error);
        }
    };
    if database_url.is_none() {
        let place = data.join(DATABASE_FILE);
        remove_database(&place)?;
        fs::rename(&part, &place)?;
        File::open(data)?.sync_all()?;
    }
    Ok(Contents { taken_at, ..contents })
}

async fn put(db: &Db, schema: i64, from: &Path, data: &Path, replace: bool) -> Result<Contents, RestoreError> {
    let is_used = !db.applied_migrations().await?.is_empty();
    if !replace && (is_used || is_occupied(data)?) {
        return Err(RestoreError::Occupied);
    }
    if is_used {
        let mut tx = db.write(Scope::Platform).await?;
        tx.drop_everything().await?;
        tx.commit().await?;
    }
    clear(data)?;
    db.migrate(Some(schema)).await?;
    let mut tx = db.write(Scope::Platform).await?;
    let contents = put_lines(&mut tx, from, data).await?;
    tx.commit().await?;
    Ok(contents)
}

async fn put_lines(tx: &mut Tx, from: &Path, data: &Path) -> Result<Contents, RestoreError> {
    let mut contents = Contents::default();
    let mut lines = LineReader::open(from).map_err(BackupError::from)?;
    let journal_folder = data.join("journal");
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&journal_folder)?;
    let mut journal = segment::create(&journal_folder, 1)?;
    let mut rows = Rows::default();
    loop {
        match lines.next()? {
            Line::Backup { taken_at, .. } => write_alive(&journal_folder, taken_at)?,
            Line::File { name, text } => put_file(data, &name, &text)?,
            Line::Table(table) => {
                rows.flush(tx).await?;
                rows = Rows::of(table)?;
            }
            Line::Row(cells) => {
                contents.rows += 1;
                rows.push(&cells, tx).await?;
            }
            Line::Journal(text) => {
                contents.journal_bytes += text.len() as u64;
                journal.write_all(text.as_bytes())?;
            }
            Line::End { .. } => {
                rows.flush(tx).await?;
                journal.sync_all()?;
                return Ok(contents);
            }
        }
    }
}

/// The rows of one table that wait to be written.
#[derive(Default)]
struct Rows {
    into: Option<(Table, &'static BulkInsert)>,
    waiting: Vec<Vec<Value>>,
}

impl Rows {
    fn of(table: Table) -> Result<Rows, RestoreError> {
        if !table.is_plain() {
            return Err(BackupError::Damaged.into());
        }
        let insert = table.insert();
        Ok(Rows {
            into: Some((table, insert)),
            waiting: Vec::new(),
        })
    }

    async fn push(&mut self, cells: &[serde_json::Value], tx: &mut Tx) -> Result<(), RestoreError> {
        let (table, _) = self.into.as_ref().ok_or(BackupError::Damaged)?;
        let values = table
            .columns
            .iter()
            .zip(cells)
            .map(|(column, cell)| from_json(cell, column.kind));
        let values: Option<Vec<Value>> = values.collect();
        let values = values.filter(|_| cells.len() == table.columns.len());
        self.waiting.push(values.ok_or(BackupError::Damaged)?);
        if self.waiting.len() == BATCH {
            self.flush(tx).await?;
        }
        Ok(())
    }

    async fn flush(&mut self, tx: &mut Tx) -> Result<(), RestoreError> {
        if let Some((_, insert)) = self.into {
            tx.insert(insert, std::mem::take(&mut self.waiting)).await?;
        }
        Ok(())
    }
}

fn is_occupied(data: &Path) -> io::Result<bool> {
    let journal = data.join("journal");
    let has_journal = journal.exists() && !segment::list(&journal)?.is_empty();
    Ok(has_journal || data.join(DATABASE_FILE).exists() || FILES.iter().any(|name| data.join(name).exists()))
}

/// Removes what the backup brings anew, and the traces, which belong to other calls.
fn clear(data: &Path) -> io::Result<()> {
    for folder in ["journal", "traces"] {
        unless_missing(fs::remove_dir_all(data.join(folder)))?;
    }
    for file in FILES {
        unless_missing(fs::remove_file(data.join(file)))?;
    }
    Ok(())
}

fn remove_database(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        unless_missing(fs::remove_file(PathBuf::from(name)))?;
    }
    Ok(())
}

fn unless_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn put_file(data: &Path, name: &str, text: &str) -> Result<(), RestoreError> {
    if !FILES.contains(&name) {
        return Err(BackupError::Damaged.into());
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(data.join(name))?;
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}

/// Calls that were running then end with the moment of the backup.
fn write_alive(journal: &Path, taken_at: Utc) -> io::Result<()> {
    crate::journal::write_alive(&File::create(journal.join("alive"))?, taken_at)
}
