//! Appending: serialise outside the lock, write once inside it.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, Write},
    mem,
    path::PathBuf,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tracing::{error, warn};
use wigwag_model::JournalEntry;

use super::{Cursor, JournalFigures, cursor::SharedEnd, figures::Counters, segment};

/// How large things may grow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// A new segment is begun when the next append would make the file longer than this.
    pub(super) segment_bytes: u64,
    /// How much is kept in memory while the disk takes nothing; what comes then is lost and counted.
    pub(super) backlog_bytes: usize,
}

pub(super) const SIZES: Sizes = Sizes {
    segment_bytes: 64 * 1024 * 1024,
    backlog_bytes: 32 * 1024 * 1024,
};

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Appends to the journal; cheap to clone, used by every call at once.
#[derive(Clone, Debug)]
pub struct JournalWriter {
    pub(super) shared: Arc<Shared>,
}

/// What writers, readers and the keeper share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) folder: PathBuf,
    pub(super) sizes: Sizes,
    pub(super) head: Mutex<Head>,
    pub(super) end: SharedEnd,
    pub(super) grown: Notify,
    pub(super) counters: Counters,
}

/// The end of the journal.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) file: Arc<File>,
    segment: u64,
    len: u64,
    /// What the disk has not taken yet; it goes out before anything newer.
    backlog: Vec<u8>,
    /// Files with bytes that were not synced yet.
    pub(super) dirty: bool,
    pub(super) finished: Vec<Arc<File>>,
}

impl Head {
    pub(super) fn new(file: File, segment: u64) -> Self {
        Head {
            file: Arc::new(file),
            segment,
            len: 0,
            backlog: Vec::new(),
            dirty: false,
            finished: Vec::new(),
        }
    }
}

impl JournalWriter {
    /// What the journal has counted since the start.
    pub fn figures(&self) -> JournalFigures {
        self.shared.counters.figures()
    }

    /// Appends `entries` with one write, and never fails: what the disk does not take is written later.
    ///
    /// They survive a crash of the process from here on, and one of the machine after at most a second.
    pub fn append(&self, entries: &[JournalEntry]) {
        LINES.with_borrow_mut(|lines| {
            lines.clear();
            for entry in entries {
                serde_json::to_writer(&mut *lines, entry).expect("an entry has only text keys, and memory takes bytes");
                lines.push(b'\n');
            }
            self.shared.append(lines, entries.len() as u64);
        });
    }
}

impl Shared {
    fn append(&self, lines: &[u8], entries: u64) {
        self.counters.entries_appended.fetch_add(entries, Relaxed);
        let mut head = self.head.lock();
        if head.backlog.is_empty() {
            self.begin_segment_if_full(&mut head, lines.len());
            let written = self.write(&mut head, lines);
            if written < lines.len() {
                warn!("the journal cannot be written: entries are kept in memory until the disk takes them");
            }
            self.keep(&mut head, &lines[written..], entries);
        } else {
            self.keep(&mut head, lines, entries);
        }
        self.publish(&head);
    }

    /// Tries to write what the disk did not take before.
    pub(super) fn write_backlog(&self) {
        let mut head = self.head.lock();
        if head.backlog.is_empty() {
            return;
        }
        let mut backlog = mem::take(&mut head.backlog);
        let written = self.write(&mut head, &backlog);
        backlog.drain(..written);
        head.backlog = backlog;
        self.counters.backlog_bytes.store(head.backlog.len() as u64, Relaxed);
        if head.backlog.is_empty() {
            head.backlog = Vec::new();
            warn!("the journal has written what it had kept in memory");
        }
        self.publish(&head);
    }

    /// Writes as much of `bytes` as the disk takes, normally all of it at once; tells how much that was.
    fn write(&self, head: &mut Head, bytes: &[u8]) -> usize {
        let mut written = 0;
        while written < bytes.len() {
            match (&*head.file).write(&bytes[written..]) {
                Ok(count) if count > 0 => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => {
                    self.counters.failures.fetch_add(1, Relaxed);
                    break;
                }
            }
        }
        head.len += written as u64;
        head.dirty |= written > 0;
        self.counters.bytes_written.fetch_add(written as u64, Relaxed);
        written
    }

    /// Puts `bytes` behind the backlog. A line whose beginning is on disk already is completed whatever the limit.
    fn keep(&self, head: &mut Head, bytes: &[u8], entries: u64) {
        if bytes.is_empty() {
            return;
        }
        let begun = head.backlog.is_empty();
        if !begun && head.backlog.len() + bytes.len() > self.sizes.backlog_bytes {
            let lost_before = self.counters.entries_lost.fetch_add(entries, Relaxed);
            if lost_before == 0 {
                error!("the journal loses entries: the disk takes nothing and the memory for them is full");
            }
            return;
        }
        head.backlog.extend_from_slice(bytes);
        self.counters.backlog_bytes.store(head.backlog.len() as u64, Relaxed);
    }

    /// Shows readers what is written whole.
    fn publish(&self, head: &Head) {
        if head.backlog.is_empty() {
            self.end.set(Cursor {
                segment: head.segment,
                offset: head.len,
            });
            self.grown.notify_waiters();
        }
    }

    fn begin_segment_if_full(&self, head: &mut Head, more: usize) {
        if head.len == 0 || head.len + more as u64 <= self.sizes.segment_bytes {
            return;
        }
        match segment::create(&self.folder, head.segment + 1) {
            Ok(file) => {
                let finished = mem::replace(&mut head.file, Arc::new(file));
                head.finished.push(finished);
                head.segment += 1;
                head.len = 0;
            }
            // A longer segment does no harm.
            Err(_) => {
                self.counters.failures.fetch_add(1, Relaxed);
            }
        }
    }

    /// Gives the next appends another file, as if the disk had changed.
    #[cfg(test)]
    pub(super) fn swap_file(&self, file: File) -> Arc<File> {
        mem::replace(&mut self.head.lock().file, Arc::new(file))
    }
}
