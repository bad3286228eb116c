//! Where the built server is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// The server that `cargo xtask test` has built, or else one that is built now, in the same way.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| std::env::var_os("WIGWAG_BIN").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let arguments = [
        "build",
        "--workspace",
        "--bin",
        "wigwag",
        "--message-format",
        "json-render-diagnostics",
    ];
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let output = command.args(arguments).current_dir(root).output().expect("cargo runs");
    assert!(
        output.status.success(),
        "wigwag does not build\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    let executables = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let wigwag = executables.filter(|message| message["target"]["name"] == "wigwag");
    let mut paths = wigwag.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    paths.next().expect("cargo names the program that it has built")
}
