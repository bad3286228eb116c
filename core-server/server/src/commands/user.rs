//! `wigwag user create`.

use std::{io::Read, path::Path};

use anyhow::{Context, bail};
use wigwag_model::{AccessLevel, Author, Problem, TenantId, UserDraft, Username, check_password};
use wigwag_sansio::Secret;

use crate::{
    cli::User,
    commands::{open_store, say},
    config::Config,
    demo, present,
};

/// No password is longer than that.
const PASSWORD_BYTES: u64 = 4096;

pub(crate) async fn run(data: &Path, config: &Config, command: User) -> anyhow::Result<()> {
    let User::Create {
        tenant,
        access,
        name,
        password_stdin,
        username,
    } = command;
    let mut entropy = present::entropy()?;
    let access_level = AccessLevel::from_word(&access).context("the access level is extension, admin or owner")?;
    let tenant: TenantId = tenant
        .parse()
        .context("this is no company's identity: see `wigwag tenant list`")?;
    let name = name.unwrap_or_else(|| username.clone());
    if let Some(problem) = Problem::of_name(&name) {
        bail!("the name {problem}");
    }
    let username: Username = username
        .parse()
        .map_err(|problem| anyhow::anyhow!("the username {problem}"))?;
    let password = if password_stdin {
        read_password()?
    } else {
        demo::password(&mut entropy)
    };
    if let Some(weakness) = check_password(&password).first() {
        bail!("the password {weakness}");
    }
    let store = open_store(data, config, &mut entropy).await?;
    let mut tx = store.write(tenant, Author::server(present::utc())).await?;
    if tx.tenant().await?.is_none() {
        bail!("there is no such company: see `wigwag tenant list`");
    }
    let draft = UserDraft {
        username,
        name,
        access_level,
        default_extension_id: None,
    };
    let hash = wigwag_api::hash_password(&Secret::new(password.clone()), &mut entropy);
    let user = tx.create_user(&draft, &hash, present::utc(), &mut entropy).await?;
    // People are no part of what calls are decided from: a running server needs not be told.
    let _ = tx.commit().await?;
    store.close().await;
    if password_stdin {
        say(&format!("{}\n", user.id));
    } else {
        say(&format!("{}  password {password}\n", user.id));
    }
    Ok(())
}

fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(PASSWORD_BYTES)
        .read_to_string(&mut text)
        .context("no password on standard input")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
