//! The call history: written by the journal's consumer, read page by page.

mod filter;
mod insert;
mod list;
mod rows;

pub use filter::{CallCursor, CallFilter, CallPage};
