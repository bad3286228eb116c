//! Sound of several legs at once: what each says is decoded in time, added up, and encoded for each listener.

mod conceal;
mod ear;
mod gate;
mod room;
mod similar;
mod slots;
mod voice;

use ear::Ear;
pub(crate) use room::{Manner, Room};
