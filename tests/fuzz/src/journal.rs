//! The journal's lines: what is no entry is refused, and an entry prints as the same entry.

use wigwag_model::JournalEntry;

/// Lines of a journal.
pub(crate) fn lines(input: &[u8]) {
    for line in input.split(|byte| *byte == b'\n') {
        if let Ok(entry) = serde_json::from_slice::<JournalEntry>(line) {
            let printed = serde_json::to_vec(&entry).expect("an entry is data");
            assert_eq!(
                serde_json::from_slice::<JournalEntry>(&printed).ok().as_ref(),
                Some(&entry)
            );
            assert!(entry.at() >= entry.started_at);
        }
    }
}
