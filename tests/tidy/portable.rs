//! Committed text is true on every machine: no path of one of them, no registry's address.

use crate::breaches::Breaches;
use crate::tree::text_files;

/// Folders of somebody's own machine.
const MACHINE_PATHS: &[&str] = &["/root/", "/home/", "/work/", "/Users/", "/mnt/", "C:\\Users"];

/// Hosts that packages are fetched from: the ordinary client of each language knows them.
const REGISTRY_HOSTS: &[&str] = &[
    "crates.io",
    "index.crates",
    "pypi.org",
    "pythonhosted",
    "registry.npmjs",
    "npmjs.com",
    "deb.debian",
    "jsr.io",
];

#[test]
fn no_text_names_a_machine_or_a_registry() {
    let mut breaches = Breaches::of("true on one machine only");
    for file in text_files()
        .iter()
        .filter(|file| !file.is_tidy() && !is_lock_file(&file.path))
    {
        for (number, line) in file.lines() {
            for found in MACHINE_PATHS.iter().filter(|path| starts_a_path(line, path)) {
                breaches.add(format!("{}:{number}: {found}", file.path));
            }
            for host in REGISTRY_HOSTS.iter().filter(|host| line.contains(**host)) {
                breaches.add(format!("{}:{number}: {host}", file.path));
            }
        }
    }
    breaches.settle();
}

/// Whether `line` names the absolute path `start`: "/home/" is one, "desk/home/" is not.
fn starts_a_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || "._-{}<>$~".contains(character))
    })
}

/// Lock files are written by the package clients and record where each package came from.
fn is_lock_file(path: &str) -> bool {
    path.ends_with("Cargo.lock") || path.ends_with("package-lock.json")
}

#[test]
fn a_relative_path_is_no_machine_path() {
    assert!(starts_a_path("see /home/me/x", "/home/"));
    assert!(!starts_a_path("portal/home/index.html", "/home/"));
    assert!(!starts_a_path("$HOME/work/x", "/work/"));
}
