//! What a phone hears, from the file that it records into: told by the kernel when more has been written.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use tokio::sync::watch;

use crate::patience::{PATIENCE, within};
use crate::tone::Tone;
use crate::wav::Wav;

/// How much sound is measured at once, in milliseconds.
const WINDOW_MS: u32 = 300;

/// When no packet has come for so long, nothing is to be heard.
const STILLNESS: Duration = Duration::from_millis(600);

/// Listens to what a phone hears from the moment on at which this was made.
#[derive(Debug)]
pub struct Listener {
    folder: PathBuf,
    /// How the names of the recordings end.
    ending: &'static str,
    changes: watch::Receiver<()>,
    /// Where the recording was then: its file and its frames.
    start: Option<(PathBuf, usize)>,
}

impl Listener {
    /// Listens to the recordings with that `ending` that a phone makes in `folder`.
    pub(crate) fn of(folder: &Path, ending: &'static str) -> Listener {
        let changes = changes_in(folder, ending);
        let start = newest_recording(folder, ending).map(|path| {
            let frames = read(&path).map_or(0, |wav| wav.frames());
            (path, frames)
        });
        Listener {
            folder: folder.to_owned(),
            ending,
            changes,
            start,
        }
    }

    /// Waits until a clear tone of `hz` is heard, and measures it.
    ///
    /// # Panics
    ///
    /// When it is not heard in time.
    pub async fn hears(&mut self, hz: f64) -> Tone {
        let mut last = None;
        let hearing = async {
            loop {
                last = self
                    .last_window()
                    .and_then(|(samples, rate)| Tone::measure(&samples, rate));
                if let Some(tone) = last.filter(|tone| tone.is(hz)) {
                    return tone;
                }
                self.changed().await;
            }
        };
        match within(PATIENCE, hearing).await {
            Some(tone) => tone,
            None => panic!("a tone of {hz} Hz was never heard; at last: {last:?}"),
        }
    }

    /// Waits until no tone of `hz` is heard any more: other sound, silence, or nothing at all.
    ///
    /// # Panics
    ///
    /// When it goes on and on.
    pub async fn hears_no_more(&mut self, hz: f64) {
        let hearing = async {
            loop {
                let window = self.last_window();
                let tone = window
                    .as_ref()
                    .and_then(|(samples, rate)| Tone::measure(samples, *rate));
                if window.is_some() && !tone.is_some_and(|tone| tone.is(hz)) {
                    return;
                }
                if within(STILLNESS, self.changed()).await.is_none() {
                    return;
                }
            }
        };
        if within(PATIENCE, hearing).await.is_none() {
            panic!("a tone of {hz} Hz is still heard");
        }
    }

    /// The newest sound, once there is a whole window of it.
    fn last_window(&self) -> Option<(Vec<i16>, u32)> {
        let path = newest_recording(&self.folder, self.ending)?;
        let wav = read(&path)?;
        let start = self
            .start
            .as_ref()
            .filter(|(file, _)| *file == path)
            .map_or(0, |(_, frames)| *frames);
        let samples = wav.mono_from(start);
        let window = usize::try_from(wav.rate * WINDOW_MS / 1000).expect("a window fits in memory");
        let from = samples.len().checked_sub(window)?;
        Some((samples[from..].to_vec(), wav.rate))
    }

    /// Waits until something has been recorded since the last call.
    async fn changed(&mut self) {
        self.changes
            .changed()
            .await
            .expect("the phone's folder is there as long as its ears");
    }
}

/// Tells whenever more has been heard, until `folder` is removed or nobody wants to know any more.
fn changes_in(folder: &Path, ending: &'static str) -> watch::Receiver<()> {
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC).expect("inotify is available");
    let wanted = AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_CREATE | AddWatchFlags::IN_DELETE_SELF;
    inotify.add_watch(folder, wanted).expect("the folder is there");
    let (announce, changes) = watch::channel(());
    std::thread::spawn(move || {
        while let Ok(events) = inotify.read_events() {
            let removed = events
                .iter()
                .any(|event| event.mask.contains(AddWatchFlags::IN_DELETE_SELF));
            if removed || announce.is_closed() {
                return;
            }
            if events
                .iter()
                .filter_map(|event| event.name.as_deref())
                .any(|name| has_ending(name, ending))
            {
                announce.send_replace(());
            }
        }
    });
    changes
}

/// baresip names its recordings by the time: `dump-2026-01-31-12-00-00-dec.wav`.
fn newest_recording(folder: &Path, ending: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| path.file_name().is_some_and(|name| has_ending(name, ending)))
        .max()
}

fn has_ending(name: &OsStr, ending: &str) -> bool {
    name.to_str().is_some_and(|name| name.ends_with(ending))
}

fn read(path: &Path) -> Option<Wav> {
    Wav::read(&std::fs::read(path).ok()?)
}
