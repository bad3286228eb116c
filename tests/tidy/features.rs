//! `docs/features.md`: every promise of the product has a row, and every test that a row names exists.

use crate::breaches::Breaches;
use crate::tree::{TextFile, rust_files, text_files};

/// The promises are numbered S001 to this one.
const LAST: usize = 290;

const LIST: &str = "docs/features.md";

#[test]
fn every_promise_has_one_row() {
    let mut breaches = Breaches::of("docs/features.md is incomplete");
    let ids: Vec<String> = rows().iter().map(|row| row.id.clone()).collect();
    for number in 1..=LAST {
        let id = format!("S{number:03}");
        let times = ids.iter().filter(|found| **found == id).count();
        if times != 1 {
            breaches.add(format!("{id} has {times} rows"));
        }
    }
    if ids.len() > LAST {
        breaches.add(format!("{} rows for {LAST} promises", ids.len()));
    }
    breaches.settle();
}

#[test]
fn every_row_says_what_proves_it_or_what_it_waits_for() {
    let mut breaches = Breaches::of("docs/features.md does not say enough");
    for row in rows() {
        let tests = row.tests().count();
        match row.state.as_str() {
            "works" if tests == 0 => breaches.add(format!("{} works, but no test is named", row.id)),
            "part" if tests == 0 || !row.waits() => {
                breaches.add(format!(
                    "{} works in part: name the test, and what the rest waits for",
                    row.id
                ));
            }
            "none" if !row.waits() => breaches.add(format!("{}: say what it waits for", row.id)),
            "works" | "part" | "none" => {}
            state => breaches.add(format!("{}: `{state}` is not works, part or none", row.id)),
        }
    }
    breaches.settle();
}

#[test]
fn every_named_test_exists() {
    let mut breaches = Breaches::of("docs/features.md names a test that is not there");
    for row in rows() {
        for test in row.tests().filter(|test| !test_exists(test)) {
            breaches.add(format!("{}: {test}", row.id));
        }
    }
    breaches.settle();
}

struct Row {
    id: String,
    state: String,
    proof: String,
}

impl Row {
    /// Test names: the code spans with `::` in them.
    fn tests(&self) -> impl Iterator<Item = &str> {
        self.proof
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|span| span.contains("::"))
    }

    /// Whether it says what it waits for.
    fn waits(&self) -> bool {
        self.proof
            .split('`')
            .step_by(2)
            .any(|words| words.contains(char::is_alphabetic))
    }
}

fn rows() -> Vec<Row> {
    let list = text_files()
        .iter()
        .find(|file| file.path == LIST)
        .expect("docs/features.md is committed");
    list.text.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let mut cells = line.strip_prefix("| S")?.split(" | ");
    let id = format!("S{}", cells.next()?.trim());
    let state = cells.next()?.trim().to_owned();
    let proof = cells
        .collect::<Vec<_>>()
        .join(" | ")
        .trim_end_matches('|')
        .trim()
        .to_owned();
    Some(Row { id, state, proof })
}

/// Whether a test `module::…::function` is somewhere in the tree.
fn test_exists(name: &str) -> bool {
    let mut modules: Vec<&str> = name.split("::").collect();
    let Some(function) = modules.pop() else { return false };
    rust_files().any(|file| has_test(file, function) && modules.iter().all(|module| has_module(file, module)))
}

fn has_test(file: &TextFile, function: &str) -> bool {
    let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(at, line)| {
        let named = line.split("fn ").nth(1).and_then(|rest| rest.split('(').next()) == Some(function);
        let mut attributes = lines[..at]
            .iter()
            .rev()
            .take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        named && attributes.any(|attribute| attribute.starts_with("#[") && attribute.contains("test"))
    })
}

/// A module is a file, a folder on the way to it, or a `mod` in the file.
fn has_module(file: &TextFile, module: &str) -> bool {
    let in_path = file
        .path
        .trim_end_matches(".rs")
        .split('/')
        .any(|part| part.replace('-', "_") == module);
    in_path || file.text.contains(&format!("mod {module} {{"))
}

#[test]
fn a_test_is_found_by_its_module_and_name() {
    assert!(test_exists("features::a_test_is_found_by_its_module_and_name"));
    assert!(!test_exists("documents::a_test_is_found_by_its_module_and_name"));
    assert!(
        !test_exists("features::has_test"),
        "a function that is no test proves nothing"
    );
}
