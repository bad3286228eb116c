//! The file: lines of JSON in an LZ4 frame, the last of which has the digest of all others.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
};

use lz4_flex::frame::{FrameDecoder, FrameEncoder};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use thiserror::Error;
use wigwag_sansio::Utc;

use super::cells::hex;
use crate::{StoreError, db::Table};

/// The format that this program writes.
pub(super) const FORMAT: u32 = 1;

/// One line of a backup.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// The first.
    Backup { format: u32, schema: i64, taken_at: Utc },
    /// A small file of the data folder.
    File { name: String, text: String },
    /// What the rows from here on belong to.
    Table(Table),
    /// One row.
    Row(Vec<Json>),
    /// Whole lines of the journal.
    Journal(String),
    /// The last: the SHA-256 of all bytes before it.
    End { sha256: String },
}

/// Why there is no backup, or none that can be used.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read or written.
    #[error("a file of the backup or of the data folder cannot be read or written")]
    Io(#[from] io::Error),
    /// There is nothing to back up.
    #[error("there is no database yet")]
    Nothing,
    /// The file is something else, was cut short, or has changed since it was written.
    #[error("the file is no whole backup")]
    Damaged,
    /// A newer version has written it.
    #[error("a newer version of the server has made this backup")]
    TooNew,
}

/// Writes a backup line by line.
pub(super) struct LineWriter {
    out: BufWriter<FrameEncoder<File>>,
    digest: Sha256,
}

impl LineWriter {
    pub(super) fn new(file: File) -> Self {
        LineWriter {
            out: BufWriter::new(FrameEncoder::new(file)),
            digest: Sha256::new(),
        }
    }

    pub(super) fn write(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.digest.update(&text);
        self.out.write_all(&text)
    }

    /// Writes the digest and makes everything last.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let sha256 = hex(&self.digest.clone().finalize());
        self.write(&Line::End { sha256 })?;
        let encoder = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        encoder.finish().map_err(io::Error::other)?.sync_all()
    }
}

/// Reads the lines of a backup that [`check`] has found whole.
pub(super) struct LineReader(BufReader<FrameDecoder<File>>);

impl LineReader {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(LineReader(BufReader::new(FrameDecoder::new(File::open(path)?))))
    }

    pub(super) fn next(&mut self) -> Result<Line, BackupError> {
        self.text().and_then(|text| parse(&text))
    }

    fn text(&mut self) -> Result<Vec<u8>, BackupError> {
        let mut text = Vec::new();
        match self.0.read_until(b'\n', &mut text) {
            Ok(_) if text.ends_with(b"\n") => Ok(text),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.text(),
            Ok(_) | Err(_) => Err(BackupError::Damaged),
        }
    }
}

/// Reads the whole file and tells its version and age, if nothing is missing and we understand it.
pub(super) fn check(path: &Path) -> Result<(i64, Utc), BackupError> {
    let mut lines = LineReader::open(path)?;
    let (mut digest, mut text) = (Sha256::new(), lines.text()?);
    let Line::Backup {
        format,
        schema,
        taken_at,
    } = parse(&text)?
    else {
        return Err(BackupError::Damaged);
    };
    if format > FORMAT || schema > crate::db::newest() {
        return Err(BackupError::TooNew);
    }
    loop {
        digest.update(&text);
        text = lines.text()?;
        // Any other line is read when its turn comes.
        if !text.starts_with(b"{\"end\":") {
            continue;
        }
        return match parse(&text)? {
            Line::End { sha256 } if sha256 == hex(&digest.finalize()) => Ok((schema, taken_at)),
            Line::End { .. }
            | Line::Backup { .. }
            | Line::File { .. }
            | Line::Table(_)
            | Line::Row(_)
            | Line::Journal(_) => Err(BackupError::Damaged),
        };
    }
}

fn parse(text: &[u8]) -> Result<Line, BackupError> {
    serde_json::from_slice(text).map_err(|_| BackupError::Damaged)
}
