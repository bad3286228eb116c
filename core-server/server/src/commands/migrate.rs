//! `wigwag migrate`: which changes of the schema wait, and making them before the server starts.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use wigwag_store::Store;

use crate::{
    cli::Migrate,
    commands::{open_store, say},
    config::Config,
    present,
};

/// Says what waits; with `--check` that is all, and the command fails when something does.
pub(crate) async fn run(data: &Path, config: &Config, migrate: &Migrate) -> anyhow::Result<ExitCode> {
    let pending = Store::pending_migrations(data, config.database.url.as_deref())
        .await
        .context("the database cannot be opened")?;
    if pending.is_empty() {
        say("The schema is up to date.\n");
        return Ok(ExitCode::SUCCESS);
    }
    let word = if migrate.apply { "applied" } else { "pending" };
    if migrate.apply {
        let mut entropy = present::entropy()?;
        open_store(data, config, &mut entropy).await?.close().await;
    }
    for migration in pending {
        say(&format!("{word}  {:04} {}\n", migration.version, migration.description));
    }
    Ok(if migrate.apply {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
