//! The explanation of each call (decisions and SIP ladder), kept in segment files outside the database.
//!
//! A trace is handed over in a moment; a thread compresses and writes it. Traces are kept for some days or up to some size,
//! whichever is reached first. The index of what is where lives in memory and is rebuilt from the files at the start.

mod figures;
mod index;
mod record;
mod scribe;
mod traces;

pub use figures::TraceFigures;
pub use traces::{TraceLimits, Traces};
