//! The fold: journal entries in, finished calls out. Pure, and plain data between two entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wigwag_model::{CallId, CallRecord, JournalEntry};
use wigwag_sansio::Utc;

use super::open_call::OpenCall;

/// The calls that have begun and not ended at some place in the journal.
///
/// Entries of one call come in their order, those of different calls in any. An entry that comes again changes
/// nothing, as long as all that followed it come again too; entries of a call whose beginning was not seen are dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    open: BTreeMap<CallId, OpenCall>,
}

impl Fold {
    /// Takes the next entry, and gives the call's record if it was the last one of its call.
    pub fn take(&mut self, entry: JournalEntry) -> Option<CallRecord> {
        let id = entry.call_id;
        let Some(call) = self.open.get_mut(&id) else {
            self.open.extend(OpenCall::begun_by(&entry).map(|call| (id, call)));
            return None;
        };
        let cause = call.take(entry)?;
        self.open.remove(&id).map(|call| call.into_record(cause))
    }

    /// How many calls are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether no call is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The entries that end every open call because the server went away at `died_at`, as far as that is known.
    pub fn interrupted(&self, died_at: Option<Utc>) -> Vec<JournalEntry> {
        self.open.values().flat_map(|call| call.interrupted(died_at)).collect()
    }
}
