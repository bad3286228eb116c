//! `wigwag operator grant` and `revoke`.

use std::path::Path;

use anyhow::Context;
use wigwag_model::{Author, Username};

use crate::{
    cli::Operator,
    commands::{open_store, say},
    config::Config,
    present,
};

pub(crate) async fn run(data: &Path, config: &Config, command: Operator) -> anyhow::Result<()> {
    let (username, operator) = match command {
        Operator::Grant { username } => (username, true),
        Operator::Revoke { username } => (username, false),
    };
    let username: Username = username
        .parse()
        .map_err(|problem| anyhow::anyhow!("the username {problem}"))?;
    let store = open_store(data, config, &mut present::entropy()?).await?;
    let mut tx = store.write_platform(Author::server(present::utc())).await?;
    let user = tx.set_operator(&username, operator).await?;
    let user = user.context("nobody signs in with this username: see `wigwag user create`")?;
    tx.commit().await?;
    store.close().await;
    say(&format!("{}\n", user.id));
    Ok(())
}
