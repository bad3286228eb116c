//! `cargo xtask run`: from a fresh clone to a running exchange.

use anyhow::Result;

use crate::{cargo, setup};

/// Builds the released server and becomes it, so that Ctrl-C and a kill reach the server itself.
pub(crate) fn demo(arguments: &[String]) -> Result<()> {
    setup::for_running()?;
    eprintln!("Building WigWag; the first time takes some minutes.");
    let server = cargo::build_server("release")?;
    let mut command = std::process::Command::new(server);
    command.args(["serve", "--demo"]).args(arguments);
    become_it(command)
}

#[cfg(unix)]
fn become_it(mut command: std::process::Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    Err(anyhow::Error::new(command.exec()).context(format!("cannot start {}", cargo::in_words(&command))))
}

#[cfg(not(unix))]
fn become_it(mut command: std::process::Command) -> Result<()> {
    cargo::succeed(&mut command)
}
