//! One owner per foreign world: whoever wants SQL, HTTP or a codec asks the crate that owns it.

use cargo_metadata::DependencyKind;

use crate::breaches::Breaches;
use crate::workspace::members;

/// A foreign crate, or a family of them, and the crates that may name it.
const OWNERS: &[(&str, &[&str])] = &[
    ("sqlx", &["wigwag-store"]),
    ("axum", &["wigwag-api", "wigwag-server"]),
    ("utoipa", &["wigwag-model", "wigwag-api"]),
    ("webrtc", &["wigwag-media", "wigwag-client-native"]),
    ("rtc", &["wigwag-media", "wigwag-client-native"]),
    ("opus", &["wigwag-media", "wigwag-client-native"]),
    ("ezk-g722", &["wigwag-media", "wigwag-client-native"]),
    ("cpal", &["wigwag-client-native"]),
    ("tauri", &["wigwag-desktop-app", "wigwag-mobile"]),
    // An oracle for tests, never part of the product: it rejects everyday traffic.
    ("rsip", &[]),
];

#[test]
fn every_foreign_world_has_one_owner() {
    let mut breaches = Breaches::of("a crate names what belongs to another (tests/tidy/owners.rs)");
    for package in members() {
        for dependency in &package.dependencies {
            let Some((_, owners)) = OWNERS.iter().find(|(world, _)| belongs_to(world, &dependency.name)) else {
                continue;
            };
            let oracle = dependency.name == "rsip" && dependency.kind == DependencyKind::Development;
            if !owners.contains(&package.name.as_str()) && !oracle {
                breaches.add(format!("{} names {}", package.name, dependency.name));
            }
        }
    }
    breaches.settle();
}

/// `rtc-dtls` is of the world `rtc`.
fn belongs_to(world: &str, crate_name: &str) -> bool {
    crate_name
        .strip_prefix(world)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}
