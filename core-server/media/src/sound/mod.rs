//! Sounds that we make: UK tones, synthesised from tables, encoded in what the leg agreed to.

mod tones;

pub use tones::Sound;
