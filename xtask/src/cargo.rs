//! Cargo as the commands call it: the cargo that runs us, in the root of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The features of a build depend on the crates that are selected together. Every build but the released one selects
/// the whole workspace, so that no two steps build the same crate twice.
pub(crate) const WORKSPACE: &str = "--workspace";

/// `cargo …` in the root of the repository.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).current_dir(root());
    command
}

/// The cargo that runs us; its neighbours belong to the same toolchain.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// Runs to the end and fails when the command does.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", in_words(command)))?;
    ensure!(status.success(), "failed: {}", in_words(command));
    Ok(())
}

/// A command as one would type it.
pub(crate) fn in_words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Builds the server for `profile` (`dev` or `release`) and says where it is.
pub(crate) fn build_server(profile: &str) -> Result<PathBuf> {
    let selection: &[&str] = if profile == "release" {
        &["--package", "wigwag-server"]
    } else {
        &[WORKSPACE]
    };
    succeed(cargo(["build", "--profile", profile, "--bin", "wigwag"]).args(selection))?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target_folder()?
        .join(folder)
        .join("wigwag")
        .with_extension(std::env::consts::EXE_EXTENSION))
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the repository")
}

/// The workspace as `cargo metadata` prints it.
pub(crate) fn metadata() -> Result<serde_json::Value> {
    let output = cargo(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("cannot start cargo")?;
    ensure!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

pub(crate) fn target_folder() -> Result<PathBuf> {
    let metadata = metadata()?;
    Ok(PathBuf::from(
        metadata["target_directory"]
            .as_str()
            .context("cargo metadata names no target folder")?,
    ))
}
