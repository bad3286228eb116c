//! Reading from a cursor on, and waiting for more.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    pin::pin,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use tracing::warn;
use wigwag_model::JournalEntry;

use super::{Cursor, segment, writer::Shared};

/// Bytes read in one go; a line that is longer makes it grow.
const CHUNK: usize = 256 * 1024;

/// One consumer's way through the journal.
#[derive(Debug)]
pub struct JournalReader {
    shared: Arc<Shared>,
    cursor: Cursor,
    file: Option<(u64, File)>,
    chunk: Vec<u8>,
}

impl JournalReader {
    pub(super) fn new(shared: Arc<Shared>, cursor: Cursor) -> Self {
        JournalReader {
            shared,
            cursor,
            file: None,
            chunk: vec![0; CHUNK],
        }
    }

    /// The first entry that was not read yet.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Whether everything that was written has been read.
    pub fn is_at_end(&self) -> bool {
        self.cursor >= self.shared.end.cursor()
    }

    /// Waits until there is something to read.
    pub async fn wait(&self) {
        loop {
            let mut grown = pin!(self.shared.grown.notified());
            // From here on no growth is missed.
            grown.as_mut().enable();
            if !self.is_at_end() {
                return;
            }
            grown.await;
        }
    }

    /// The next entries, some hundreds at most; empty when everything was read. Blocks on the disk, not on writers.
    ///
    /// A line that is no entry is counted, logged and skipped; a segment that is missing is skipped.
    pub fn read(&mut self) -> io::Result<Vec<JournalEntry>> {
        loop {
            let end = self.shared.end.cursor();
            if self.cursor >= end {
                return Ok(Vec::new());
            }
            let filled = self.fill(end)?;
            let lines = self.chunk[..filled]
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |last| last + 1);
            if lines > 0 {
                let entries = self.parse(lines);
                self.cursor.offset += lines as u64;
                if !entries.is_empty() {
                    return Ok(entries);
                }
            } else if filled == self.chunk.len() {
                self.chunk.resize(2 * filled, 0);
            } else {
                self.leave_segment(filled, end)?;
            }
        }
    }

    /// Reads as much of the segment as fits the chunk and is written whole.
    fn fill(&mut self, end: Cursor) -> io::Result<usize> {
        let Some(file) = Self::open(&mut self.file, &self.shared, self.cursor.segment)? else {
            return Ok(0);
        };
        let whole = if self.cursor.segment == end.segment {
            usize::try_from(end.offset - self.cursor.offset).unwrap_or(usize::MAX)
        } else {
            usize::MAX
        };
        let most = whole.min(self.chunk.len());
        let mut filled = 0;
        while filled < most {
            match file.read_at(&mut self.chunk[filled..most], self.cursor.offset + filled as u64)? {
                0 => break,
                count => filled += count,
            }
        }
        Ok(filled)
    }

    fn open<'a>(slot: &'a mut Option<(u64, File)>, shared: &Shared, number: u64) -> io::Result<Option<&'a File>> {
        if slot.as_ref().is_none_or(|(open, _)| *open != number) {
            *slot = match File::open(segment::path(&shared.folder, number)) {
                Ok(file) => Some((number, file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
        }
        Ok(slot.as_ref().map(|(_, file)| file))
    }

    fn parse(&self, lines: usize) -> Vec<JournalEntry> {
        let mut entries = Vec::new();
        for line in self.chunk[..lines]
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            match serde_json::from_slice(line) {
                Ok(entry) => entries.push(entry),
                Err(_) => self.corrupt(),
            }
        }
        entries
    }

    /// Goes on to the next segment that exists; `rest` bytes without a line end are what a crash has torn.
    fn leave_segment(&mut self, rest: usize, end: Cursor) -> io::Result<()> {
        if rest > 0 {
            self.corrupt();
        }
        let after = self.cursor.segment;
        let next = segment::list(&self.shared.folder)?
            .into_iter()
            .find(|number| *number > after);
        self.cursor = Cursor {
            segment: next.unwrap_or(end.segment).min(end.segment),
            offset: 0,
        };
        Ok(())
    }

    fn corrupt(&self) {
        self.shared.counters.lines_corrupt.fetch_add(1, Relaxed);
        warn!(
            journal.segment = self.cursor.segment,
            journal.offset = self.cursor.offset,
            "the journal holds a line that is no entry: skipped"
        );
    }
}
