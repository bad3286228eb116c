//! `cargo xtask fuzz`: libFuzzer looks for bytes that make a parser or the call machine panic.
//!
//! What it finds goes into the target's folder of tests/fuzz/corpus, which `cargo xtask test` replays from then on.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::cargo::{in_words, root, target_folder};

/// Longer inputs than any message are nothing new.
const LONGEST: &str = "-max_len=65536";

/// Searches for so many minutes in all, in each of the targets or in those named. Whether nothing was found.
pub(crate) fn search(minutes: u32, only: &[String]) -> Result<bool> {
    ensure!(
        is_there(&["--version"]),
        "libFuzzer needs a nightly compiler: rustup toolchain install nightly"
    );
    ensure!(
        is_there(&["fuzz", "--version"]),
        "not installed: cargo install cargo-fuzz"
    );
    let targets = targets()?;
    for name in only {
        ensure!(
            targets.contains(name),
            "there is no target {name}: {}",
            targets.join(", ")
        );
    }
    let chosen: Vec<&String> = targets
        .iter()
        .filter(|target| only.is_empty() || only.contains(target))
        .collect();
    let seconds = minutes.saturating_mul(60) / u32::try_from(chosen.len()).unwrap_or(u32::MAX).max(1);
    let mut found = Vec::new();
    for target in chosen {
        eprintln!("\n── {target}: {seconds} s");
        if !search_in(target, seconds)? {
            found.push(target.as_str());
        }
    }
    if !found.is_empty() {
        eprintln!(
            "\nfound something in: {}; it is kept in tests/fuzz/corpus",
            found.join(", ")
        );
    }
    Ok(found.is_empty())
}

fn search_in(target: &str, seconds: u32) -> Result<bool> {
    let working = target_folder()?.join("fuzz");
    let grown = working.join("corpus").join(target);
    fs::create_dir_all(&grown).with_context(|| format!("cannot make {}", grown.display()))?;
    let kept = corpus().join(target);
    let mut found = kept.join("found-").into_os_string();
    found = [OsStr::new("-artifact_prefix="), &found].into_iter().collect();
    let mut command = nightly(&["fuzz", "run", "--fuzz-dir", "tests/fuzz/libfuzzer", "--target-dir"]);
    command
        .arg(working.join("build"))
        .arg("any")
        .args([&grown, &kept])
        .args(["--", LONGEST])
        .arg(format!("-max_total_time={seconds}"))
        .arg(found)
        .env("WIGWAG_FUZZ_TARGET", target);
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", in_words(&command)))?;
    Ok(status.success())
}

/// Each target has a folder of inputs.
fn targets() -> Result<Vec<String>> {
    let folders = fs::read_dir(corpus()).context("tests/fuzz/corpus is not there")?;
    let mut names: Vec<String> = folders
        .filter_map(|folder| folder.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

fn corpus() -> PathBuf {
    root().join("tests/fuzz/corpus")
}

fn is_there(arguments: &[&str]) -> bool {
    let output = nightly(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    output.is_ok_and(|status| status.success())
}

/// The nightly compiler's cargo, which is another one than the one that runs us.
fn nightly(arguments: &[&str]) -> Command {
    let mut command = Command::new("rustup");
    command
        .args(["run", "nightly", "cargo"])
        .args(arguments)
        .current_dir(root())
        .env_remove("CARGO")
        .env_remove("RUSTC");
    command
}
