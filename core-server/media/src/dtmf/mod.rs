//! Keys that people press: heard as events or as tones, limited, and sent.

mod events;
mod limit;
mod listen;
mod send;
mod tones;

pub(crate) use events::{DtmfDecoder, KeyPress};
pub(crate) use limit::KeyLimit;
pub(crate) use listen::ToneListener;
pub(crate) use send::KeySender;
use tones::ToneDetector;
