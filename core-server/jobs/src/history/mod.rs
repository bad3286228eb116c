//! The call history: folds the journal's entries into one record for each conversation.
//!
//! A checkpoint holds a place in the journal and the calls that were open there, as one value. It is written with
//! finished records whenever no call is open, else once the journal has grown by a megabyte and by four times what the
//! open calls take: a restart never reads more than that again, however long a call lasts, and writing open calls down
//! never costs more than a quarter of the journal. Records are idempotent by call id, so reading again does no harm.

mod consumer;
mod figures;
mod fold;
mod open_call;
mod recover;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use consumer::History;
pub(crate) use figures::Counters;
pub use figures::{HistoryFigures, HistoryGauge};
pub use fold::Fold;
pub use recover::{RecoverError, recover};

/// The consumer's name in the store.
const CONSUMER: &str = "history";
