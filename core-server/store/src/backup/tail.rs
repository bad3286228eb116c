//! The end of the journal that the history has not written yet, as one piece.

use std::{collections::BTreeSet, fs::File, io, os::unix::fs::FileExt, path::Path};

use crate::journal::{Cursor, segment};

/// Bytes read at a time; a line is shorter.
const CHUNK: usize = 1024 * 1024;

/// The journal from a place on. Its files are held open: the server may remove them meanwhile.
pub(super) struct Tail {
    pieces: Vec<Piece>,
}

struct Piece {
    segment: u64,
    file: File,
    /// What is of the tail: whole lines.
    bytes: std::ops::Range<u64>,
}

impl Tail {
    /// The journal in `folder` from `from` on; `None` when the segment of `from` is gone.
    pub(super) fn open(folder: &Path, from: Cursor) -> io::Result<Option<Tail>> {
        let numbers = match segment::list(folder) {
            Ok(numbers) => numbers,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let wanted: BTreeSet<u64> = numbers.into_iter().filter(|number| *number >= from.segment).collect();
        let mut pieces = Vec::new();
        for number in wanted {
            let file = match File::open(segment::path(folder, number)) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            let begin = if number == from.segment { from.offset } else { 0 };
            let end = segment::end_of_last_line(&file, file.metadata()?.len())?;
            pieces.push(Piece {
                segment: number,
                file,
                bytes: begin..end.max(begin),
            });
        }
        let is_whole = from.segment == 0 || pieces.first().is_none_or(|first| first.segment == from.segment);
        Ok(is_whole.then_some(Tail { pieces }))
    }

    /// Where `cursor` lies in a journal whose first and only segment is the tail.
    pub(super) fn place_of(&self, cursor: Cursor) -> Cursor {
        let before = self.pieces.iter().map(|piece| {
            if piece.segment < cursor.segment {
                piece.bytes.end - piece.bytes.start
            } else if piece.segment == cursor.segment {
                cursor.offset.clamp(piece.bytes.start, piece.bytes.end) - piece.bytes.start
            } else {
                0
            }
        });
        Cursor {
            segment: 1,
            offset: before.sum(),
        }
    }

    /// Shows whole lines to `each`, many at a time, and tells how many bytes that were.
    pub(super) fn read(&self, mut each: impl FnMut(&str) -> io::Result<()>) -> io::Result<u64> {
        let mut total = 0;
        for piece in &self.pieces {
            let mut at = piece.bytes.start;
            while at < piece.bytes.end {
                let lines = piece.lines_at(at)?;
                each(str::from_utf8(&lines).map_err(io::Error::other)?)?;
                at += lines.len() as u64;
                total += lines.len() as u64;
            }
        }
        Ok(total)
    }
}

impl Piece {
    fn lines_at(&self, at: u64) -> io::Result<Vec<u8>> {
        let mut size = CHUNK;
        loop {
            let left = usize::try_from(self.bytes.end - at).unwrap_or(usize::MAX);
            let mut bytes = vec![0; size.min(left)];
            self.file.read_exact_at(&mut bytes, at)?;
            if let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') {
                bytes.truncate(last + 1);
                return Ok(bytes);
            }
            // The tail ends with a line end, so that one is found.
            size *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_tail_is_one_piece_of_whole_lines_and_places_in_it_are_found_again() {
        let folder = tempfile::tempdir().unwrap();
        for (number, text) in [(1, "gone\n"), (2, "seen\na\nbb\n"), (3, ""), (4, "ccc\ntor")] {
            fs::write(segment::path(folder.path(), number), text).unwrap();
        }
        let at = |segment, offset| Cursor { segment, offset };
        let tail = Tail::open(folder.path(), at(2, 5)).unwrap().unwrap();
        let mut text = String::new();
        let total = tail.read(|lines| {
            text.push_str(lines);
            Ok(())
        });
        assert_eq!((text.as_str(), total.unwrap()), ("a\nbb\nccc\n", 9));
        let places = [at(2, 5), at(2, 7), at(3, 0), at(4, 4), at(9, 9)].map(|cursor| tail.place_of(cursor).offset);
        assert_eq!(places, [0, 2, 5, 9, 9]);
        fs::remove_file(segment::path(folder.path(), 2)).unwrap();
        assert!(Tail::open(folder.path(), at(2, 5)).unwrap().is_none());
        assert!(Tail::open(&folder.path().join("nowhere"), at(0, 0)).unwrap().is_some());
    }
}
