//! `wigwag tenant create` and `list`.

use std::path::Path;

use anyhow::bail;
use wigwag_model::Problem;

use crate::{
    cli::Tenant,
    commands::{open_store, say},
    config::Config,
    present,
};

/// Companies read at a time.
const PAGE: u32 = 1_000;

pub(crate) async fn run(data: &Path, config: &Config, command: Tenant) -> anyhow::Result<()> {
    let mut entropy = present::entropy()?;
    let store = open_store(data, config, &mut entropy).await?;
    match command {
        Tenant::Create { name } => {
            if let Some(problem) = Problem::of_name(&name) {
                bail!("the name {problem}");
            }
            let tenant = store.create_tenant(&name, present::utc(), &mut entropy).await?;
            say(&format!("{}\n", tenant.id));
        }
        Tenant::List => {
            let mut after = None;
            loop {
                let tenants = store.tenants(after, PAGE).await?;
                let Some(last) = tenants.last() else { break };
                after = Some(last.id);
                tenants
                    .iter()
                    .for_each(|tenant| say(&format!("{}  {}\n", tenant.id, tenant.name)));
            }
        }
    }
    store.close().await;
    Ok(())
}
