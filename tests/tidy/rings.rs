//! Who may import whom (ARCHITECTURE.md, "Who may import whom"): arrows point inwards only, and what decides does no IO.

use cargo_metadata::DependencyKind;

use crate::breaches::Breaches;
use crate::workspace::{everything_in, members};

/// A crate of ours and the crates of ours that it may be built from.
/// A new crate gets its row here first: that is the moment to think about where it belongs.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("wigwag-sansio", &[]),
    ("wigwag-model", &["sansio"]),
    ("wigwag-sip", &["sansio"]),
    ("wigwag-pbx", &["sansio", "model", "sip"]),
    ("wigwag-sip-io", &["sansio", "sip"]),
    ("wigwag-media", &["sansio", "model", "sip"]),
    ("wigwag-store", &["sansio", "model"]),
    (
        "wigwag-switch",
        &["sansio", "model", "sip", "pbx", "sip-io", "media", "store"],
    ),
    ("wigwag-simulator", &["sansio", "model", "sip", "sip-io", "media"]),
    ("wigwag-api", &["sansio", "model", "pbx", "store"]),
    ("wigwag-jobs", &["sansio", "model", "pbx", "store"]),
    (
        "wigwag-server",
        &[
            "sansio",
            "model",
            "sip",
            "pbx",
            "sip-io",
            "media",
            "store",
            "switch",
            "simulator",
            "api",
            "jobs",
        ],
    ),
];

/// Crates that only decide: given the same inputs they do the same, on any machine, at any time.
const PURE: &[&str] = &["wigwag-sansio", "wigwag-model", "wigwag-sip", "wigwag-pbx"];

/// What gives a crate a runtime, a socket, a file, a clock or a die.
const IMPURE: &[&str] = &[
    "async-std",
    "axum",
    "getrandom",
    "hyper",
    "mio",
    "nix",
    "rand",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "sqlx",
    "tempfile",
    "tokio",
    "tracing-subscriber",
];

#[test]
fn arrows_point_inwards() {
    let mut breaches = Breaches::of("a crate imports one that it may not (tests/tidy/rings.rs has the table)");
    for package in members().iter().filter(|package| package.name.starts_with("wigwag-")) {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == package.name.as_str()) else {
            breaches.add(format!("{} has no row in the table", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            let Some(ours) = dependency.name.strip_prefix("wigwag-") else {
                continue;
            };
            let itself_in_tests = dependency.kind == DependencyKind::Development && dependency.name == *package.name;
            if !allowed.contains(&ours) && !itself_in_tests {
                breaches.add(format!("{} imports {}", package.name, dependency.name));
            }
        }
    }
    breaches.settle();
}

#[test]
fn nothing_of_the_product_imports_the_tests() {
    let tests: Vec<&str> = members()
        .iter()
        .filter(|package| package.manifest_path.as_str().contains("/tests/"))
        .map(|package| package.name.as_str())
        .collect();
    let mut breaches = Breaches::of("a crate of the product imports a test crate");
    for package in members().iter().filter(|package| package.name.starts_with("wigwag-")) {
        for dependency in &package.dependencies {
            if tests.contains(&dependency.name.as_str()) && dependency.kind != DependencyKind::Development {
                breaches.add(format!("{} imports {}", package.name, dependency.name));
            }
        }
    }
    breaches.settle();
}

#[test]
fn pure_crates_reach_no_outside_world() {
    let mut breaches = Breaches::of("a pure crate can do IO, read a clock or roll a die");
    for pure in PURE {
        let contents = everything_in(pure);
        for impure in IMPURE.iter().filter(|impure| contents.contains(**impure)) {
            breaches.add(format!(
                "{pure} contains {impure} (cargo tree --package {pure} --invert {impure})"
            ));
        }
    }
    breaches.settle();
}
