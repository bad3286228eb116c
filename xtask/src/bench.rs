//! `cargo xtask bench`: what the released server's work costs, beside what is aimed at.

use std::process::Command;

use anyhow::Result;

use crate::{cargo, setup};

/// Where the figures are kept.
const DOCUMENT: &str = "docs/benchmarks.md";

/// Builds the released server and its load, and measures; a quick run keeps no figures.
pub(crate) fn measure(quick: bool, only: &[String]) -> Result<()> {
    setup::for_testing()?;
    let server = cargo::build_server("release")?;
    cargo::succeed(&mut cargo::cargo(["build", "--release", "--package", "bench"]))?;
    let mut command = Command::new(server.with_file_name("bench"));
    command.current_dir(cargo::root()).arg("--server").arg(server);
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
