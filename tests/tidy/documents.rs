//! Documents: a path that is written in one exists.

use std::collections::BTreeSet;

use crate::breaches::Breaches;
use crate::tree::{TextFile, paths, text_files};

/// File name endings by which a word with a slash is taken for a path, whatever it begins with.
const ENDINGS: &[&str] = &[
    ".rs", ".md", ".toml", ".json", ".sql", ".sh", ".svelte", ".ts", ".xml", ".wav", ".yml",
];

#[test]
fn every_path_in_a_document_exists() {
    let mut breaches = Breaches::of("a document names a path that is not there");
    for file in text_files().iter().filter(|file| file.is_markdown()) {
        for (number, path) in named_paths(file) {
            if !exists(&path, folder_of(&file.path)) {
                breaches.add(format!("{}:{number}: {path}", file.path));
            }
        }
    }
    breaches.settle();
}

/// Paths in code spans and in relative links, outside fenced blocks.
fn named_paths(file: &TextFile) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut named = Vec::new();
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let spans = line
                .split('`')
                .skip(1)
                .step_by(2)
                .filter(|span| looks_like_a_path(span));
            let links = line
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split([')', '#']).next());
            let links = links.filter(|link| !link.is_empty() && !link.contains(':'));
            named.extend(spans.chain(links).map(|path| (number, path.to_owned())));
        }
    }
    named
}

/// Whether a code span is meant as a path of this repository, and not as a route, a header or a crate feature.
fn looks_like_a_path(span: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || "._-/<>".contains(character);
    if !span.contains('/') || span.starts_with('/') || span.starts_with('<') || !span.chars().all(plain) {
        return false;
    }
    let first = span.split('/').next().unwrap_or_default();
    first == ".." || top_level().contains(first) || ENDINGS.iter().any(|ending| span.ends_with(ending))
}

/// Whether `path` exists, seen from the document's folder or from the root. From a placeholder such as `<name>` on,
/// nothing is checked.
fn exists(path: &str, folder: &str) -> bool {
    let checked = match path.find('<') {
        Some(at) => path[..at].rsplit_once('/').map_or("", |(folder, _)| folder),
        None => path.trim_end_matches('/'),
    };
    let from_folder = normalise(&format!("{folder}/{checked}"));
    [normalise(checked), from_folder].iter().any(|wanted| {
        wanted.is_empty()
            || paths()
                .iter()
                .any(|path| path == wanted || path.starts_with(&format!("{wanted}/")))
    })
}

fn normalise(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn top_level() -> BTreeSet<&'static str> {
    paths()
        .iter()
        .filter_map(|path| path.split_once('/'))
        .map(|(first, _)| first)
        .collect()
}

#[test]
fn a_placeholder_is_checked_up_to_its_folder() {
    assert!(exists("tests/tidy/<rule>.rs", ""));
    assert!(!exists("tests/untidy/<rule>.rs", ""));
    assert!(exists("main.rs", "tests/tidy"));
    assert!(exists("../tidy/main.rs", "tests/tidy"));
}
