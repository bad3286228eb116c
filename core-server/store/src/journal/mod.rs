//! The journal on disk: segment files of JSON lines, appended by every call and read by durable consumers.
//!
//! An append is one `write(2)`; a thread syncs once a second. What the disk does not take is kept in memory, up to a
//! limit, and written later: a full disk ends no call.

mod cursor;
mod figures;
mod keeper;
mod reader;
mod segment;
mod writer;

pub use cursor::Cursor;
pub use figures::JournalFigures;
pub use keeper::{Journal, JournalError};
pub use reader::JournalReader;
pub use writer::JournalWriter;
