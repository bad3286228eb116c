//! `wigwag config`: the configuration in force, with every default.

use crate::{commands::say, config::Config};

pub(crate) fn run(config: &Config) -> anyhow::Result<()> {
    say(&toml::to_string(config)?);
    Ok(())
}
