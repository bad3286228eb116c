//! Sounds that we make: UK tones, synthesised from tables, encoded in what the leg agreed to.

mod level;
mod player;
mod synth;
mod tones;

#[cfg(test)]
pub(crate) use level::FULL_SCALE_DBM0;
pub use level::measure_dbm0;
pub(crate) use player::Player;
pub use tones::Sound;
