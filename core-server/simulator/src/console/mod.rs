//! A carrier that is commanded line by line, and tells what happens: what `wigwag simulate carrier` is made of.

mod order;
mod report;
mod run;

pub use order::OrderError;
pub use report::Report;
pub use run::Console;
