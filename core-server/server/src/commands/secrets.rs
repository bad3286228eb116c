//! `wigwag secrets rotate`: a new key, and everything sealed with it.

use std::path::Path;

use crate::{
    cli::Secrets,
    commands::{open_store, say},
    config::Config,
    data_folder::DataFolder,
    present,
};

pub(crate) async fn run(data: &Path, config: &Config, command: Secrets) -> anyhow::Result<()> {
    let Secrets::Rotate = command;
    // A running server has the old keys in memory, and would seal with them.
    let _alone = DataFolder::lock(data)?;
    let mut entropy = present::entropy()?;
    let store = open_store(data, config, &mut entropy).await?;
    let sealed = store.rotate_secrets(&mut entropy).await?;
    store.close().await;
    say(&format!(
        "There is a new key, and {sealed} secrets are sealed with it.\n"
    ));
    Ok(())
}
