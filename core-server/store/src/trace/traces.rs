//! Handing traces over and getting them back.

use std::{
    fmt,
    fs::{self, File},
    io,
    os::unix::fs::{DirBuilderExt, FileExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use parking_lot::{Condvar, Mutex};
use wigwag_model::{CallId, TenantId};
use wigwag_sansio::Utc;

use super::{
    TraceFigures,
    figures::Counters,
    index::{Index, Place},
    record::{self, HEADER_BYTES, Header},
    scribe::{Job, Scribe},
};

/// Traces that may wait for the thread; further ones are lost and counted.
const QUEUED: usize = 4_096;
/// Bytes that may wait for the thread; further ones are lost and counted.
const QUEUED_BYTES: usize = 64 * 1024 * 1024;

/// How long and how much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceLimits {
    /// Traces of calls that ended longer ago are removed, file by file.
    pub keep_for: Duration,
    /// When there are more bytes, the oldest file goes.
    pub most_bytes: u64,
}

impl Default for TraceLimits {
    fn default() -> Self {
        TraceLimits {
            keep_for: Duration::from_secs(7 * 24 * 3600),
            most_bytes: 2 * 1024 * 1024 * 1024,
        }
    }
}

/// The traces of this process's calls and of those before; shared by reference.
pub struct Traces {
    shared: Arc<Shared>,
    jobs: Option<mpsc::SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread and the callers share.
pub(super) struct Shared {
    pub(super) folder: PathBuf,
    pub(super) clock: fn() -> Utc,
    pub(super) limits: TraceLimits,
    /// `None` until the files have been looked through.
    index: Mutex<Option<Index>>,
    changed: Condvar,
    queued_bytes: AtomicUsize,
    /// Traces handed over, and those of them that are written or lost.
    handed: AtomicU64,
    handled: AtomicU64,
    pub(super) counters: Counters,
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").field("figures", &self.figures()).finish()
    }
}

impl Traces {
    /// Opens the traces in `folder`, making it where needed; the files are looked through in the background.
    pub fn open(folder: &Path, clock: fn() -> Utc, limits: TraceLimits) -> io::Result<Traces> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let numbers = segment_numbers(folder)?;
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            clock,
            limits,
            index: Mutex::new(None),
            changed: Condvar::new(),
            queued_bytes: AtomicUsize::new(0),
            handed: AtomicU64::new(0),
            handled: AtomicU64::new(0),
            counters: Counters::default(),
        });
        let (jobs, queue) = mpsc::sync_channel(QUEUED);
        let kept = shared.clone();
        let thread = thread::Builder::new()
            .name("traces".to_owned())
            .spawn(move || Scribe::run(kept, &numbers, &queue))?;
        Ok(Traces {
            shared,
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Hands over the trace of a finished call: lines of text, of which the first that fit 32 KiB compressed are kept.
    ///
    /// Never waits; when too much waits for the disk already, the trace is lost and counted.
    pub fn put(&self, tenant_id: TenantId, call_id: CallId, text: Vec<u8>) {
        let bytes = text.len();
        let queued = self.shared.queued_bytes.fetch_add(bytes, Relaxed);
        let job = Job {
            tenant_id,
            call_id,
            text,
        };
        self.shared.handed.fetch_add(1, Relaxed);
        let sent = queued + bytes <= QUEUED_BYTES && self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok());
        if !sent {
            self.shared.counters.lost.fetch_add(1, Relaxed);
            self.shared.handled(bytes);
        }
    }

    /// The trace of the company's call, if it was handed over before this; `None` when there is none, or not any more.
    pub async fn trace(&self, tenant_id: TenantId, call_id: CallId) -> io::Result<Option<Vec<u8>>> {
        let shared = self.shared.clone();
        tokio::task::spawn_blocking(move || shared.read(tenant_id, call_id))
            .await
            .map_err(io::Error::other)?
    }

    /// What was counted since the start.
    pub fn figures(&self) -> TraceFigures {
        self.shared.counters.figures()
    }
}

impl Drop for Traces {
    /// Writes what waits.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported already.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn read(&self, tenant_id: TenantId, call_id: CallId) -> io::Result<Option<Vec<u8>>> {
        let Some(place) = self.find(call_id) else {
            return Ok(None);
        };
        let file = match File::open(segment_path(&self.folder, place.segment)) {
            Ok(file) => file,
            // It has grown too old between the two lines.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let offset = u64::from(place.offset);
        let header = Header::read(&file, offset)?;
        let ours = header.filter(|header| header.tenant_id == tenant_id && header.call_id == call_id);
        let Some(header) = ours else {
            return Ok(None);
        };
        let mut frame = vec![0; header.bytes as usize];
        file.read_exact_at(&mut frame, offset + HEADER_BYTES as u64)?;
        record::decompress(&frame).map(Some)
    }

    /// Waits until the files are looked through and what was handed over before is dealt with.
    fn find(&self, call_id: CallId) -> Option<Place> {
        let handed = self.handed.load(Relaxed);
        let mut index = self.index.lock();
        loop {
            match &*index {
                Some(index) if self.handled.load(Relaxed) >= handed => return index.find(call_id),
                Some(_) | None => self.changed.wait(&mut index),
            }
        }
    }

    pub(super) fn set_index(&self, index: Index) {
        *self.index.lock() = Some(index);
        self.changed.notify_all();
    }

    pub(super) fn with_index<T>(&self, change: impl FnOnce(&mut Index) -> T) -> T {
        change(self.index.lock().get_or_insert_default())
    }

    /// A trace of `bytes` is written or lost.
    pub(super) fn handled(&self, bytes: usize) {
        self.queued_bytes.fetch_sub(bytes, Relaxed);
        let index = self.index.lock();
        self.handled.fetch_add(1, Relaxed);
        drop(index);
        self.changed.notify_all();
    }
}

pub(super) fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:06}.traces"))
}

fn segment_numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".traces"));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::Entropy;

    use super::*;

    const DAY_MS: i64 = 24 * 3600 * 1000;

    fn today() -> Utc {
        Utc::from_millis(20_000 * DAY_MS)
    }

    fn ids(number: u64) -> (TenantId, CallId) {
        let mut entropy = Entropy::from_number(number);
        (TenantId::new(today(), &mut entropy), CallId::new(today(), &mut entropy))
    }

    #[tokio::test]
    async fn a_trace_is_found_at_once_and_after_a_restart_and_by_its_own_company_only() {
        let folder = tempfile::tempdir().unwrap();
        let ((ours, call), (theirs, other_call)) = (ids(1), ids(2));
        let traces = Traces::open(folder.path(), today, TraceLimits::default()).unwrap();
        traces.put(ours, call, b"INVITE\n200 OK\n".to_vec());
        assert_eq!(traces.trace(ours, call).await.unwrap().unwrap(), b"INVITE\n200 OK\n");
        drop(traces);
        let traces = Traces::open(folder.path(), today, TraceLimits::default()).unwrap();
        assert_eq!(traces.trace(ours, call).await.unwrap().unwrap(), b"INVITE\n200 OK\n");
        assert_eq!(traces.trace(theirs, call).await.unwrap(), None);
        assert_eq!(traces.trace(theirs, other_call).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_a_crash_has_torn_hides_nothing_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let ((tenant, first), (_, second), (_, third)) = (ids(1), ids(2), ids(3));
        let traces = Traces::open(folder.path(), today, TraceLimits::default()).unwrap();
        traces.put(tenant, first, b"first\n".to_vec());
        traces.put(tenant, second, b"second\n".to_vec());
        drop(traces);
        let path = segment_path(folder.path(), 1);
        let len = fs::metadata(&path).unwrap().len();
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(len - 3)
            .unwrap();
        let traces = Traces::open(folder.path(), today, TraceLimits::default()).unwrap();
        traces.put(tenant, third, b"third\n".to_vec());
        assert_eq!(traces.trace(tenant, first).await.unwrap().unwrap(), b"first\n");
        assert_eq!(traces.trace(tenant, second).await.unwrap(), None);
        assert_eq!(traces.trace(tenant, third).await.unwrap().unwrap(), b"third\n");
    }

    #[tokio::test]
    async fn old_traces_are_forgotten_by_age_and_by_size() {
        let folder = tempfile::tempdir().unwrap();
        let (tenant, call) = ids(1);
        let traces = Traces::open(folder.path(), today, TraceLimits::default()).unwrap();
        traces.put(tenant, call, b"old\n".to_vec());
        drop(traces);
        let in_a_week = || Utc::from_millis(today().as_millis() + 8 * DAY_MS);
        let traces = Traces::open(folder.path(), in_a_week, TraceLimits::default()).unwrap();
        assert_eq!(traces.trace(tenant, call).await.unwrap(), None);
        traces.put(tenant, call, b"new\n".to_vec());
        assert_eq!(traces.trace(tenant, call).await.unwrap().unwrap(), b"new\n");
        drop(traces);
        let tiny = TraceLimits {
            most_bytes: 1,
            ..TraceLimits::default()
        };
        let traces = Traces::open(folder.path(), in_a_week, tiny).unwrap();
        assert_eq!(traces.trace(tenant, call).await.unwrap(), None);
        assert_eq!(segment_numbers(folder.path()).unwrap(), Vec::<u64>::new());
    }
}
