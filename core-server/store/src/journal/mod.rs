//! The journal on disk: segment files of JSON lines, appended by every call and read by durable consumers.
//!
//! An append is one `write(2)`; a thread syncs once a second. What the disk does not take is kept in memory, up to a
//! limit, and written later: a full disk ends no call.

mod cursor;
mod figures;
mod keeper;
mod reader;
pub(crate) mod segment;
mod writer;

pub use cursor::Cursor;
pub use figures::JournalFigures;
pub(crate) use keeper::write_alive;
pub use keeper::{Journal, JournalError};
pub use reader::JournalReader;
pub use writer::JournalWriter;

#[cfg(test)]
mod tests {
    use std::{fs, io::Write, thread};

    use tempfile::TempDir;
    use wigwag_model::{CallEvent, CallId, HangupCause, JournalEntry, TenantId};
    use wigwag_sansio::{Entropy, Utc};

    use super::{keeper::Journal, writer::Sizes, *};

    const NOW: Utc = Utc::from_millis(1_767_258_000_000);
    const SMALL: Sizes = Sizes {
        segment_bytes: 2_000,
        backlog_bytes: 2_000,
    };

    fn clock() -> Utc {
        NOW
    }

    /// Entries `sequences` of one call that has nothing in common with that of another `number`.
    fn entries(number: u64, sequences: std::ops::Range<u32>) -> Vec<JournalEntry> {
        let mut entropy = Entropy::from_number(number);
        let (tenant_id, call_id) = (TenantId::new(NOW, &mut entropy), CallId::new(NOW, &mut entropy));
        let entry = |sequence| JournalEntry {
            tenant_id,
            call_id,
            sequence,
            started_at: NOW,
            elapsed_ms: u64::from(sequence),
            event: CallEvent::Ended {
                cause: HangupCause::Busy,
            },
        };
        sequences.map(entry).collect()
    }

    fn open(folder: &TempDir) -> Journal {
        Journal::with_sizes(folder.path(), clock, SMALL).unwrap()
    }

    fn read_all(reader: &mut JournalReader) -> Vec<JournalEntry> {
        let mut all = Vec::new();
        loop {
            let entries = reader.read().unwrap();
            if entries.is_empty() {
                return all;
            }
            all.extend(entries);
        }
    }

    #[test]
    fn what_many_calls_append_at_once_is_read_whole_and_each_call_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder);
        let threads: Vec<_> = (0..8)
            .map(|number| {
                let writer = journal.writer();
                thread::spawn(move || {
                    for entry in entries(number, 0..100) {
                        writer.append(&[entry]);
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let all = read_all(&mut journal.reader(Cursor::default()));
        assert_eq!(all.len(), 800);
        for number in 0..8 {
            let expected = entries(number, 0..100);
            let call = all.iter().filter(|entry| entry.call_id == expected[0].call_id);
            assert!(call.eq(&expected));
        }
        assert!(segment::list(folder.path()).unwrap().len() > 50);
    }

    #[test]
    fn a_reader_goes_on_where_another_stopped_and_read_segments_can_go() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder);
        journal.writer().append(&entries(1, 0..1));
        let mut reader = journal.reader(Cursor::default());
        assert_eq!(read_all(&mut reader), entries(1, 0..1));
        for entry in entries(2, 0..40) {
            journal.writer().append(&[entry]);
        }
        let cursor = reader.cursor();
        drop(journal);
        let journal = open(&folder);
        let mut reader = journal.reader(cursor);
        assert_eq!(read_all(&mut reader), entries(2, 0..40));
        assert!(journal.remove_before(reader.cursor()).unwrap() > 3);
        assert_eq!(segment::list(folder.path()).unwrap().len(), 1);
        // A consumer that comes late begins with what there is.
        journal.writer().append(&entries(3, 0..1));
        assert_eq!(read_all(&mut journal.reader(Cursor::default())), entries(3, 0..1));
    }

    #[test]
    fn a_line_torn_by_a_crash_is_cut_off_and_a_broken_one_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder);
        journal.writer().append(&entries(1, 0..2));
        drop(journal);
        let path = segment::path(folder.path(), 1);
        let whole = fs::read(&path).unwrap();
        for torn in 0..whole.len() {
            fs::write(&path, &whole[..torn]).unwrap();
            let journal = open(&folder);
            let kept = read_all(&mut journal.reader(Cursor::default())).len();
            assert_eq!(kept, whole[..torn].iter().filter(|byte| **byte == b'\n').count());
            assert_eq!(journal.figures().lines_corrupt, 0);
            drop(journal);
            for number in segment::list(folder.path()).unwrap() {
                fs::remove_file(segment::path(folder.path(), number)).unwrap();
            }
        }
        let mut broken = whole.clone();
        broken.extend_from_slice(b"{\"tenant_id\": \0\0\0}\n");
        broken.extend_from_slice(&whole);
        fs::write(&path, &broken).unwrap();
        let journal = open(&folder);
        assert_eq!(read_all(&mut journal.reader(Cursor::default())).len(), 4);
        assert_eq!(journal.figures().lines_corrupt, 1);
    }

    #[test]
    fn a_line_that_is_longer_than_what_is_read_at_once_comes_through() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder);
        journal.writer().append(&entries(1, 0..1));
        drop(journal);
        let mut file = fs::OpenOptions::new()
            .append(true)
            .open(segment::path(folder.path(), 1))
            .unwrap();
        file.write_all(&[b' '].repeat(700_000)).unwrap();
        file.write_all(&serde_json::to_vec(&entries(2, 0..1)[0]).unwrap())
            .unwrap();
        file.write_all(b"\n").unwrap();
        let journal = open(&folder);
        let all = read_all(&mut journal.reader(Cursor::default()));
        assert_eq!(all, [entries(1, 0..1), entries(2, 0..1)].concat());
    }

    #[test]
    fn a_full_disk_keeps_entries_in_memory_until_there_is_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder);
        let (writer, mut reader) = (journal.writer(), journal.reader(Cursor::default()));
        writer.append(&entries(1, 0..1));
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let disk = journal.shared.swap_file(full);
        writer.append(&entries(1, 1..2));
        writer.append(&entries(1, 2..3));
        journal.shared.write_backlog();
        assert_eq!(read_all(&mut reader), entries(1, 0..1));
        let figures = journal.figures();
        assert!(figures.backlog_bytes > 300 && figures.failures >= 2 && figures.entries_lost == 0);
        journal.shared.swap_file(disk.try_clone().unwrap());
        journal.shared.write_backlog();
        writer.append(&entries(1, 3..4));
        assert_eq!(read_all(&mut reader), entries(1, 1..4));
        assert_eq!(journal.figures().backlog_bytes, 0);
    }

    #[test]
    fn what_does_not_fit_the_memory_is_lost_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder);
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let disk = journal.shared.swap_file(full);
        for entry in entries(1, 0..50) {
            journal.writer().append(&[entry]);
        }
        let lost = journal.figures().entries_lost;
        assert!(lost > 30 && journal.figures().backlog_bytes <= 2_000);
        journal.shared.swap_file(disk.try_clone().unwrap());
        journal.shared.write_backlog();
        let kept = read_all(&mut journal.reader(Cursor::default()));
        assert_eq!(kept, entries(1, 0..50 - u32::try_from(lost).unwrap()));
    }

    #[test]
    fn a_folder_has_one_journal_at_a_time_and_remembers_when_it_was_alive() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder);
        assert_eq!(journal.last_alive(), None);
        assert!(matches!(Journal::open(folder.path(), clock), Err(JournalError::InUse)));
        drop(journal);
        assert_eq!(open(&folder).last_alive(), Some(NOW));
    }

    #[test]
    fn a_cursor_of_a_journal_that_was_removed_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder);
        journal.writer().append(&entries(1, 0..1));
        let mut reader = journal.reader(Cursor { segment: 9, offset: 5 });
        assert_eq!(read_all(&mut reader), entries(1, 0..1));
    }

    #[tokio::test]
    async fn a_reader_that_waits_wakes_up() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder);
        let mut reader = journal.reader(Cursor::default());
        assert_eq!(read_all(&mut reader), []);
        let writer = journal.writer();
        let append = async { writer.append(&entries(1, 0..1)) };
        tokio::join!(reader.wait(), append);
        assert_eq!(read_all(&mut reader), entries(1, 0..1));
    }
}
