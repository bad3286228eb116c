//! `wigwag backup` and `wigwag restore`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use wigwag_store::{Contents, RestoreError};

use crate::{cli::Restore, commands::say, config::Config, data_folder::DataFolder, present};

/// Takes a backup, beside a running server or without one.
pub(crate) async fn backup(data: &Path, config: &Config, to: &Path) -> anyhow::Result<()> {
    let now = present::utc();
    let to = if to.is_dir() {
        // Colons are no part of a file name that goes everywhere.
        to.join(format!("wigwag-{}.backup", now.to_string().replace(':', "")))
    } else {
        to.to_owned()
    };
    let contents = wigwag_store::backup(data, config.database.url.as_deref(), &to, now)
        .await
        .with_context(|| format!("no backup was made at {}", to.display()))?;
    say(&format!("{}: {}\n", to.display(), summary(&contents)));
    Ok(())
}

/// Puts a backup in place of what is there.
pub(crate) async fn restore(data: &Path, config: &Config, restore: &Restore) -> anyhow::Result<()> {
    let _alone = DataFolder::lock(data)?;
    let url = config.database.url.as_deref();
    let from: &PathBuf = &restore.from;
    let contents = match wigwag_store::restore(from, data, url, restore.force).await {
        Ok(contents) => contents,
        Err(error @ RestoreError::Occupied) => bail!("{error}: give --force to replace it"),
        Err(error) => return Err(error).with_context(|| format!("{} was not restored", from.display())),
    };
    say(&format!(
        "Restored as of {}: {}\n",
        contents.taken_at,
        summary(&contents)
    ));
    Ok(())
}

fn summary(contents: &Contents) -> String {
    format!(
        "{} rows, {} bytes of the journal",
        contents.rows, contents.journal_bytes
    )
}
