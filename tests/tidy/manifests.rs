//! Manifests: versions are chosen once, in the workspace; a folder and its crate have the same name.

use crate::breaches::Breaches;
use crate::workspace::members;

#[test]
fn versions_and_lints_come_from_the_workspace() {
    let mut breaches = Breaches::of("a manifest goes its own way");
    for package in members() {
        let text = std::fs::read_to_string(&package.manifest_path).expect("the manifest was just read by cargo");
        if !text.contains("[lints]\nworkspace = true") {
            breaches.add(format!("{}: no `[lints] workspace = true`", package.name));
        }
        for line in dependency_lines(&text).filter(|line| !line.contains("workspace = true")) {
            breaches.add(format!("{}: `{line}` is not from the workspace", package.name));
        }
    }
    breaches.settle();
}

#[test]
fn a_folder_and_its_crate_have_the_same_name() {
    let mut breaches = Breaches::of("a crate in folder `x` is named `wigwag-x`, or `x` where it is a tool or a test");
    for package in members() {
        let folder = package
            .manifest_path
            .parent()
            .and_then(|folder| folder.file_name())
            .unwrap_or_default();
        let name = package.name.strip_prefix("wigwag-").unwrap_or(&package.name);
        if folder != name {
            breaches.add(format!("{} is in {folder}", package.name));
        }
    }
    breaches.settle();
}

fn dependency_lines(manifest: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    manifest.lines().filter(move |line| {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
            return false;
        }
        inside && !line.trim().is_empty() && !line.starts_with('#')
    })
}
