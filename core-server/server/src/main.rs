//! The binary `wigwag`: command line, configuration, wiring, life cycle.

mod assemble;
mod certificate;
mod cli;
mod commands;
mod config;
mod data_folder;
mod demo;
mod demo_carrier;
mod keeping;
mod limits;
mod present;
mod ready;
mod switch_port;
mod web;

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::{
    cli::{Cli, Command},
    config::Config,
};

/// Calls begin and end by the hundred, on every thread: the C library's allocator takes a quarter of their time, and
/// keeps what they free.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            commands::complain(&format!("wigwag: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { common, command } = cli;
    let config = Config::load(common.config.as_deref())?;
    let filter = config.log.filter.parse::<EnvFilter>()?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match command {
        Command::Serve(serve) => commands::serve::run(&common.data, config, &serve).await?,
        Command::Config { reference: true } => commands::say(&config::reference_page()),
        Command::Config { reference: false } => commands::config::run(&config)?,
        Command::Doctor => return commands::doctor::run(&common.data, &config).await,
        Command::Openapi => commands::say(&wigwag_api::openapi_text()),
        Command::Tenant(command) => commands::tenant::run(&common.data, &config, command).await?,
        Command::User(command) => commands::user::run(&common.data, &config, command).await?,
        Command::Operator(command) => commands::operator::run(&common.data, &config, command).await?,
        Command::Numbers(command) => return commands::numbers::run(&common.data, &config, command).await,
        Command::Backup { to } => commands::backup::backup(&common.data, &config, &to).await?,
        Command::Restore(restore) => commands::backup::restore(&common.data, &config, &restore).await?,
        Command::Migrate(migrate) => return commands::migrate::run(&common.data, &config, &migrate).await,
        Command::Secrets(command) => commands::secrets::run(&common.data, &config, command).await?,
        Command::Simulate(command) => commands::simulate::run(command).await?,
    }
    Ok(ExitCode::SUCCESS)
}
