//! The journal's owner: opens it after whatever happened, syncs it each second, removes what nobody needs.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, FileExt},
    path::Path,
    sync::{Arc, atomic::Ordering::Relaxed, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use parking_lot::Mutex;
use thiserror::Error;
use tokio::sync::Notify;
use tracing::{info, warn};
use wigwag_sansio::Utc;

use super::{
    Cursor, JournalFigures, JournalReader, JournalWriter,
    cursor::SharedEnd,
    figures::Counters,
    segment,
    writer::{Head, SIZES, Shared, Sizes},
};

/// What a power cut may cost.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// Why the journal cannot be opened.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Another process writes it.
    #[error("another server uses this data folder")]
    InUse,
    /// The folder or a file in it cannot be read or written.
    #[error("the journal cannot be opened")]
    Io(#[from] io::Error),
}

/// The journal of this process: at most one per folder, held for as long as calls are made.
#[derive(Debug)]
pub struct Journal {
    pub(super) shared: Arc<Shared>,
    last_alive: Option<Utc>,
    stop: mpsc::SyncSender<()>,
    thread: Option<JoinHandle<()>>,
    /// Its lock goes with it.
    _lock: File,
}

impl Journal {
    /// Opens the journal in `folder`, making what is not there, and begins a new segment.
    ///
    /// `clock` tells the time that the next start will read from [`Journal::last_alive`].
    pub fn open(folder: &Path, clock: fn() -> Utc) -> Result<Journal, JournalError> {
        Journal::with_sizes(folder, clock, SIZES)
    }

    pub(super) fn with_sizes(folder: &Path, clock: fn() -> Utc, sizes: Sizes) -> Result<Journal, JournalError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let lock = lock(folder)?;
        let alive = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join("alive"))?;
        let last_alive = read_alive(&alive);
        let numbers = segment::list(folder)?;
        if let Some(last) = numbers.last() {
            let torn_bytes = segment::cut_torn_tail(&segment::path(folder, *last))?;
            if torn_bytes > 0 {
                info!(
                    journal.torn_bytes = torn_bytes,
                    "the journal's last line was torn by a crash: cut off"
                );
            }
        }
        let number = numbers.last().map_or(1, |last| last + 1);
        let head = Head::new(segment::create(folder, number)?, number);
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            sizes,
            head: Mutex::new(head),
            end: SharedEnd::new(Cursor {
                segment: number,
                offset: 0,
            }),
            grown: Notify::new(),
            counters: Counters::default(),
        });
        // One word is ever said.
        let (stop, stopped) = mpsc::sync_channel(1);
        let kept = shared.clone();
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || keep(&kept, &alive, clock, &stopped))?;
        Ok(Journal {
            shared,
            last_alive,
            stop,
            thread: Some(thread),
            _lock: lock,
        })
    }

    /// A hand to append with.
    pub fn writer(&self) -> JournalWriter {
        JournalWriter {
            shared: self.shared.clone(),
        }
    }

    /// A reader from `from` on; a default cursor begins with the oldest segment there is, and so does one that lies
    /// behind the end, because the journal that it was made for has been removed.
    pub fn reader(&self, from: Cursor) -> JournalReader {
        let from = if from > self.shared.end.cursor() {
            Cursor::default()
        } else {
            from
        };
        JournalReader::new(self.shared.clone(), from)
    }

    /// When the process before this one last showed that it was alive, to the second.
    pub fn last_alive(&self) -> Option<Utc> {
        self.last_alive
    }

    /// Removes the segments that end before `cursor`, and tells how many.
    pub fn remove_before(&self, cursor: Cursor) -> io::Result<u64> {
        let end = self.shared.end.cursor();
        let mut removed = 0;
        for number in segment::list(&self.shared.folder)? {
            if number < cursor.segment && number < end.segment {
                fs::remove_file(segment::path(&self.shared.folder, number))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// What was counted since the start.
    pub fn figures(&self) -> JournalFigures {
        self.shared.counters.figures()
    }
}

impl Drop for Journal {
    /// Writes and syncs what is left.
    fn drop(&mut self) {
        // The thread has ended already if nobody listens.
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock(folder: &Path) -> Result<File, JournalError> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn keep(shared: &Shared, alive: &File, clock: fn() -> Utc, stopped: &mpsc::Receiver<()>) {
    loop {
        let goes_on = matches!(stopped.recv_timeout(SYNC_EVERY), Err(mpsc::RecvTimeoutError::Timeout));
        shared.write_backlog();
        sync(shared);
        // A full disk takes no calls away; the next second tries again.
        let _ = write_alive(alive, clock());
        if !goes_on {
            return;
        }
    }
}

fn sync(shared: &Shared) {
    let files: Vec<Arc<File>> = {
        let mut head = shared.head.lock();
        let mut files: Vec<_> = head.finished.drain(..).collect();
        if head.dirty {
            files.push(head.file.clone());
            head.dirty = false;
        }
        files
    };
    for file in files {
        if file.sync_data().is_err() {
            shared.counters.failures.fetch_add(1, Relaxed);
            warn!("the journal cannot be synced to the disk");
        }
    }
}

/// Twenty digits: as long as any time, so that one write replaces the other whole.
pub(crate) fn write_alive(file: &File, now: Utc) -> io::Result<()> {
    file.write_all_at(format!("{:020}", now.as_millis()).as_bytes(), 0)
}

fn read_alive(file: &File) -> Option<Utc> {
    let mut digits = [0; 20];
    file.read_exact_at(&mut digits, 0).ok()?;
    str::from_utf8(&digits).ok()?.parse().ok().map(Utc::from_millis)
}
