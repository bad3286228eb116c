//! One version of everything that we name: two copies cost build time twice and their types do not fit each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::breaches::Breaches;
use crate::tree::root;
use crate::workspace::members;

/// What others hold back, with who does: an entry goes when its reason does.
const HELD_BACK: &[(&str, &str)] = &[
    ("base64", "sqlx 0.9 asks for 0.22, rcgen 0.14 for 0.23"),
    ("getrandom", "ring 0.17 asks for 0.2"),
    (
        "sha2",
        "sqlx 0.9 asks for 0.10, to tell whether a migration has changed",
    ),
    ("md-5", "rsip 0.4, an oracle for tests, asks for 0.9"),
    ("uuid", "rsip 0.4, an oracle for tests, asks for 0.8"),
    ("thiserror", "ezk-g722 0.1 asks for 1, in its RTP types"),
];

#[test]
fn each_direct_dependency_is_there_once() {
    let direct: BTreeSet<&str> = members()
        .iter()
        .flat_map(|package| &package.dependencies)
        .map(|dependency| dependency.name.as_str())
        .collect();
    let mut breaches = Breaches::of("Cargo.lock has several versions of what we name (cargo tree --duplicates)");
    for (name, versions) in locked_versions() {
        let held_back = HELD_BACK.iter().any(|(held_back, _)| *held_back == name);
        let several = direct.contains(name.as_str()) && versions.len() > 1;
        if several && !held_back {
            breaches.add(format!("{name}: {}", versions.join(", ")));
        }
        if held_back && !several {
            breaches.add(format!("{name} is there once by now: remove it from HELD_BACK"));
        }
    }
    breaches.settle();
}

fn locked_versions() -> BTreeMap<String, Vec<String>> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is committed");
    let mut versions = BTreeMap::<String, Vec<String>>::new();
    for package in lock.split("[[package]]") {
        if let (Some(name), Some(version)) = (value(package, "name"), value(package, "version")) {
            versions.entry(name).or_default().push(version);
        }
    }
    versions
}

fn value(package: &str, key: &str) -> Option<String> {
    let line = package
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))?;
    Some(line.trim_matches('"').to_owned())
}
