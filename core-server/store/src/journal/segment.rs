//! The segment files: their names, and what a crash may have left at the end of the last one.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Bytes looked at in one go when the last line end is searched.
const BLOCK: u64 = 64 * 1024;

/// The file of segment `number`.
pub(crate) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:06}.jsonl"))
}

/// The numbers of the segments in `folder`, in order.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".jsonl"));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Makes the file of segment `number`, which must not exist yet.
pub(crate) fn create(folder: &Path, number: u64) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create_new(true)
        .mode(0o600)
        .open(path(folder, number))
}

/// Cuts a line off that a crash has torn; tells how many bytes that were.
pub(super) fn cut_torn_tail(path: &Path) -> io::Result<u64> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let len = file.metadata()?.len();
    let whole = end_of_last_line(&file, len)?;
    if whole < len {
        file.set_len(whole)?;
        file.sync_all()?;
    }
    Ok(len - whole)
}

/// Where the last whole line of the first `len` bytes ends.
pub(crate) fn end_of_last_line(file: &File, len: u64) -> io::Result<u64> {
    let mut block = vec![0; BLOCK as usize];
    let mut end = len;
    while end > 0 {
        let begin = end.saturating_sub(BLOCK);
        let bytes = &mut block[..(end - begin) as usize];
        file.read_exact_at(bytes, begin)?;
        if let Some(newline) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(begin + newline as u64 + 1);
        }
        end = begin;
    }
    Ok(0)
}
