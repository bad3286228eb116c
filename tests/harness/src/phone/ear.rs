//! What a phone hears in one call, and waits for sound.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use crate::patience::{PATIENCE, within};
use crate::tone::Tone;

/// Samples per second.
pub(super) const RATE: u32 = 8000;
/// How much sound is measured at once.
const WINDOW: usize = 2400;
/// When no packet has come for so long, nothing is to be heard.
const STILLNESS: Duration = Duration::from_millis(600);

/// All that was heard in a call so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Recording(Arc<Mutex<Vec<i16>>>);

/// Listens to a recording that goes on.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    recording: Recording,
    more: watch::Receiver<()>,
}

impl Recording {
    pub(super) fn append(&self, samples: impl Iterator<Item = i16>) {
        self.0.lock().expect("nobody panics with it").extend(samples);
    }

    fn len(&self) -> usize {
        self.0.lock().expect("nobody panics with it").len()
    }

    /// The newest sound, once there is a whole window of it after `start`.
    fn window(&self, start: usize) -> Option<Vec<i16>> {
        let samples = self.0.lock().expect("nobody panics with it");
        let from = samples.len().checked_sub(WINDOW).filter(|from| *from >= start)?;
        Some(samples[from..].to_vec())
    }
}

impl Ear {
    pub(super) fn new(recording: Recording, more: watch::Receiver<()>) -> Ear {
        Ear { recording, more }
    }

    /// Waits until a clear tone of `hz` is heard from now on, and measures it.
    pub(super) async fn hears(&mut self, hz: f64) -> Tone {
        let start = self.recording.len();
        let mut last = None;
        let hearing = async {
            loop {
                let window = self.recording.window(start);
                last = window.and_then(|samples| Tone::measure(&samples, RATE));
                if let Some(tone) = last.filter(|tone| tone.is(hz)) {
                    return tone;
                }
                self.next().await;
            }
        };
        match within(PATIENCE, hearing).await {
            Some(tone) => tone,
            None => panic!("a tone of {hz} Hz was never heard; at last: {last:?}"),
        }
    }

    /// Waits until no tone of `hz` is heard any more: other sound, silence, or nothing at all.
    pub(super) async fn hears_no_more(&mut self, hz: f64) {
        let start = self.recording.len();
        let hearing = async {
            loop {
                let window = self.recording.window(start);
                let tone = window.as_ref().and_then(|samples| Tone::measure(samples, RATE));
                if window.is_some() && !tone.is_some_and(|tone| tone.is(hz)) {
                    return;
                }
                if within(STILLNESS, self.next()).await.is_none() {
                    return;
                }
            }
        };
        if within(PATIENCE, hearing).await.is_none() {
            panic!("a tone of {hz} Hz is still heard");
        }
    }

    /// Waits for the next packet; for ever once the call is over.
    async fn next(&mut self) {
        if self.more.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
