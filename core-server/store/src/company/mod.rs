//! What holds for a whole company: its own settings, what the operator lets it have, and what it may show.

mod caller_ids;
mod settings;
mod terms;

pub(crate) use caller_ids::select_caller_ids;
