//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// WigWag, a cloud telephone exchange.
#[derive(Debug, Parser)]
#[command(name = "wigwag", version, about, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// The configuration file (TOML); everything has a default
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder for the database, keys, journal and recordings
    #[arg(long, global = true, value_name = "DIR", default_value = "wigwag-data")]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the exchange
    Serve(Serve),
    /// Print the configuration in force
    Config {
        /// Print what can be configured instead, as Markdown
        #[arg(long)]
        reference: bool,
    },
    /// Check that this machine and configuration can run the exchange
    Doctor,
    /// Print the OpenAPI document of the HTTP API
    Openapi,
    /// Companies
    #[command(subcommand)]
    Tenant(Tenant),
    /// People who sign in
    #[command(subcommand)]
    User(User),
    /// People who run the platform
    #[command(subcommand)]
    Operator(Operator),
    /// The platform's stock of public numbers
    #[command(subcommand)]
    Numbers(Numbers),
    /// Write everything that cannot be made again into one file, while the server runs; traces of calls are left out
    Backup {
        /// The new file, or a folder for one with the time in its name; it holds all secrets and their keys
        #[arg(value_name = "FILE|DIR")]
        to: PathBuf,
    },
    /// Put a backup into the data folder and the database; no server may run
    Restore(Restore),
    /// Tell which changes of the database's schema wait; the server makes them when it starts
    Migrate(Migrate),
    /// The keys that seal stored secrets
    #[command(subcommand)]
    Secrets(Secrets),
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Serve {
    /// Make sure that a demo company exists, and print how to use it; listens on loopback unless told otherwise
    #[arg(long)]
    pub(crate) demo: bool,
    /// How many demo extensions there are; as many companies are made as that takes
    #[arg(long, value_name = "N", requires = "demo", default_value_t = 3,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) demo_extensions: u32,
    /// How many demo extensions are in one company at most
    #[arg(long, value_name = "N", requires = "demo", default_value_t = 500,
          value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) demo_per_company: u32,
    /// Print one line of JSON on standard output when ready
    #[arg(long)]
    pub(crate) json: bool,
    /// Where to serve HTTP, and SIP over WebSockets; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    pub(crate) http: Option<SocketAddr>,
    /// Where to serve HTTPS besides; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    pub(crate) https: Option<SocketAddr>,
    /// Where to serve SIP: UDP and TCP here, TLS on the next port; port 0 takes free ones; may be given several times
    #[arg(long, value_name = "ADDR")]
    pub(crate) sip: Vec<SocketAddr>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// Replace the database, keys and journal that are there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Migrate {
    /// Only tell; fails when something waits
    #[arg(long)]
    pub(crate) check: bool,
    /// Make the changes now
    #[arg(long)]
    pub(crate) apply: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Make a company
    Create {
        /// Its name
        name: String,
    },
    /// List the companies
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make a person who signs in; the password is read from standard input, or made up and printed
    Create {
        /// The company's identity, as `wigwag tenant list` prints it
        #[arg(long)]
        tenant: String,
        /// extension, admin or owner
        #[arg(long, default_value = "owner")]
        access: String,
        /// The person's name
        #[arg(long)]
        name: Option<String>,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
        /// What the person signs in with
        username: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Operator {
    /// Let a person run the platform: gateways, the stock of numbers, and what companies may have
    Grant {
        /// What the person signs in with
        username: String,
    },
    /// Let a person no longer run the platform
    Revoke {
        /// What the person signs in with
        username: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Numbers {
    /// Load numbers from a CSV file; broken lines are told and left out
    Load {
        /// With a heading: number, area, and where wanted kind, capabilities, monthly_price
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Secrets {
    /// Make a new key and seal all stored secrets with it
    Rotate,
}
