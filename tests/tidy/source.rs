//! Rules for every Rust file that no compiler lint covers.

use crate::breaches::Breaches;
use crate::tree::{TextFile, rust_files};

/// What is never left behind, and what to do instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("TODO", "do it or file it"),
    ("FIXME", "fix it or file it"),
    ("XXX", "say it in words"),
    ("todo!", "no stubs"),
    ("unimplemented!", "no stubs"),
    ("#[allow(", "use #[expect(lint, reason = \"…\")]"),
    ("#![allow(", "use #![expect(lint, reason = \"…\")]"),
];

/// Ways to wait for time instead of for an event.
const SLEEPS: &[&str] = &["thread::sleep", "time::sleep", "sleep(Duration"];

#[test]
fn every_file_says_what_it_is_for() {
    let mut breaches = Breaches::of("the first line is not a `//!` purpose");
    for file in rust_files().filter(|file| !file.text.starts_with("//! ")) {
        breaches.add(file.path.clone());
    }
    breaches.settle();
}

#[test]
fn nothing_is_left_for_later() {
    let mut breaches = Breaches::of("left behind");
    for file in rust_files().filter(|file| !file.is_tidy()) {
        for (number, line) in file.lines() {
            for (word, instead) in FORBIDDEN.iter().filter(|(word, _)| contains_word(line, word)) {
                breaches.add(format!("{}:{number}: {word}: {instead}", file.path));
            }
        }
    }
    breaches.settle();
}

#[test]
fn no_test_sleeps() {
    let mut breaches = Breaches::of("a test waits for time; wait for the event, with a deadline");
    for file in rust_files().filter(|file| !file.is_tidy()) {
        for (number, line) in test_lines(file) {
            if SLEEPS.iter().any(|sleep| line.contains(sleep)) {
                breaches.add(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    breaches.settle();
}

#[test]
fn only_the_sdp_module_spells_sdp_lines() {
    let mut breaches = Breaches::of("an SDP line is spelled outside shared/sip/src/sdp: ask that module");
    for file in rust_files().filter(|file| !file.is_tidy() && !file.path.starts_with("shared/sip/src/sdp")) {
        let first_test_line = test_lines(file).next().map_or(usize::MAX, |(number, _)| number);
        for (number, line) in file.lines().take_while(|(number, _)| *number < first_test_line) {
            if ["\"a=", "\"m=", "b\"a=", "b\"m="]
                .iter()
                .any(|literal| line.contains(literal))
            {
                breaches.add(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    breaches.settle();
}

/// The lines that only tests run: all of a file under `tests/`, and what follows `#[cfg(test)]` elsewhere.
fn test_lines(file: &TextFile) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = file.path.starts_with("tests/") || file.path.contains("/tests/");
    file.lines().filter(move |(_, line)| {
        inside |= line.trim_start().starts_with("#[cfg(test)]");
        inside
    })
}

/// Whether `line` has `word` by itself: "XXX" is not in "+44XXXX".
fn contains_word(line: &str, word: &str) -> bool {
    let joins = |character: Option<char>| character.is_some_and(|character| character.is_alphanumeric());
    let starts_a_word = word.starts_with(char::is_alphanumeric);
    let ends_a_word = word.ends_with(char::is_alphanumeric);
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !(starts_a_word && joins(before) || ends_a_word && joins(after))
    })
}

#[test]
fn a_word_is_found_only_by_itself() {
    assert!(contains_word("// XXX: odd", "XXX"));
    assert!(!contains_word("+44XXXX", "XXX"));
    assert!(contains_word("    todo!()", "todo!"));
}
