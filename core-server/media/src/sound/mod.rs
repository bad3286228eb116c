//! Sounds that we play: tones from tables, recordings, in programmes, encoded in what the leg agreed to.

mod level;
mod pcm;
mod player;
mod programme;
mod reel;
mod resample;
mod synth;
mod tones;
mod wav;

#[cfg(test)]
pub(crate) use level::FULL_SCALE_DBM0;
pub use level::measure_dbm0;
pub use pcm::{Sound, SoundError};
pub(crate) use player::{Frame, FrameContent, Player, next_on_grid};
pub use programme::{Position, Programme, Times};
pub(crate) use reel::{KeyForm, Reel};
pub(crate) use resample::Resampler;
#[cfg(test)]
pub(crate) use synth::synthesise;
pub use tones::Tone;
pub(crate) use tones::{COLUMNS, KEYPAD, ROWS};
pub use wav::WavError;
