//! `cargo xtask bench`: what the released server's work costs, beside what is aimed at.

use std::process::Command;

use anyhow::Result;

use crate::{cargo, setup};

/// Where the figures are kept.
const DOCUMENT: &str = "docs/benchmarks.md";

/// Builds the released server and its load, and measures; a quick run keeps no figures.
pub(crate) fn measure(quick: bool, only: &[String]) -> Result<()> {
    let mut command = released()?;
    if quick {
        command.arg("--quick");
    }
    for work in only {
        command.args(["--only", work]);
    }
    if !quick && only.is_empty() {
        command.args(["--write", DOCUMENT]);
    }
    cargo::succeed(&mut command)
}

/// Loads the released server with everything at a time for so long, and keeps what is left of it then.
pub(crate) fn soak(minutes: u32) -> Result<()> {
    let mut command = released()?;
    command.args(["--write", DOCUMENT, "soak", "--minutes", &minutes.to_string()]);
    cargo::succeed(&mut command)
}

/// The benchmarks on the released server.
fn released() -> Result<Command> {
    setup::for_testing()?;
    let server = cargo::build_server("release")?;
    cargo::succeed(&mut cargo::cargo(["build", "--release", "--package", "bench"]))?;
    let mut command = Command::new(server.with_file_name("bench"));
    command.current_dir(cargo::root()).arg("--server").arg(server);
    Ok(command)
}
