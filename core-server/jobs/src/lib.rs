//! Background work: durable consumers of the journal, and what has to be tidied up now and then.
//!
//! One job is one file (or folder), idempotent, and started and stopped by the [`Jobs`] runner. [`recover`] runs
//! before the first call is made.

mod back_off;
mod clean_up;
mod history;
mod retention;
mod runner;

pub use history::{Fold, HistoryFigures, HistoryGauge, RecoverError, recover};
pub use retention::Retention;
pub use runner::Jobs;
