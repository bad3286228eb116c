//! `cargo xtask openapi`: the committed API document is what the server would serve.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use crate::cargo::{build_server, root};

/// Writes the document that the server serves.
pub(crate) fn write() -> Result<()> {
    std::fs::write(committed(), served()?).context("cannot write the API document")
}

/// Fails when the committed document is not the one that the server serves.
pub(crate) fn check() -> Result<()> {
    let served = served()?;
    let committed =
        std::fs::read_to_string(committed()).context("no API document is committed: cargo xtask openapi")?;
    if let Some(line) = first_difference(&committed, &served) {
        bail!("the API document is out of date from line {line} on: cargo xtask openapi");
    }
    Ok(())
}

fn committed() -> PathBuf {
    root().join("core-server/api/openapi.json")
}

fn served() -> Result<String> {
    let server = build_server("dev")?;
    let output = std::process::Command::new(server)
        .arg("openapi")
        .output()
        .context("cannot start wigwag")?;
    ensure!(
        output.status.success(),
        "wigwag openapi: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut document = String::from_utf8(output.stdout).context("the API document is not UTF-8")?;
    document.truncate(document.trim_end().len());
    document.push('\n');
    Ok(document)
}

/// The first line, from 1, in which the two differ.
fn first_difference(one: &str, other: &str) -> Option<usize> {
    if one == other {
        return None;
    }
    let same = one
        .lines()
        .zip(other.lines())
        .take_while(|(one, other)| one == other)
        .count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_told_by_its_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
    }
}
