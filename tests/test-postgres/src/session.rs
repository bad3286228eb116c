//! Statements for a server, said through `psql`.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::programs::Programs;

/// Says `statement` to `database` as the superuser, and gives the answer as plain text.
pub(crate) fn say(programs: &Programs, socket: &Path, database: &str, statement: &str) -> Result<String> {
    let mut psql = programs.command("psql");
    psql.arg("--host").arg(socket);
    psql.args(["--username", "postgres", "--dbname", database, "--no-psqlrc", "--quiet"]);
    psql.args(["--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]);
    psql.args(["--command", statement]);
    let output = psql.output().context("psql cannot be started")?;
    ensure!(
        output.status.success(),
        "psql: {statement}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
