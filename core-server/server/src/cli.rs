//! The command line.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Make-believe partners, for demonstrations and tests
    #[command(subcommand)]
    Simulate(Simulate),
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
    /// Leave the demo without its make-believe carrier, the gateway to it and a public number
    #[arg(long, requires = "demo")]
    pub(crate) demo_alone: bool,
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

#[derive(Debug, Subcommand)]
pub(crate) enum Simulate {
    /// Run a carrier that does what the number says, and calls on command: lines of words or JSON on standard input
    Carrier(Carrier),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Carrier {
    /// Where to serve SIP by UDP and TCP; port 0 takes free ones
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Its name: the realm of its challenges, and the host of callers' addresses
    #[arg(long, value_name = "NAME", default_value = "carrier.example")]
    pub(crate) domain: String,
    /// A gateway that can register and prove who it is; may be given several times
    #[arg(long, value_name = "NAME:PASSWORD")]
    pub(crate) account: Vec<String>,
    /// Ask who calls for a proof, by 401 or 407; otherwise everybody may call
    #[arg(long, value_name = "STATUS", requires = "account", value_enum)]
    pub(crate) proof: Option<Proof>,
    /// Take calls from this address only; may be given several times
    #[arg(long, value_name = "IP", conflicts_with = "proof")]
    pub(crate) source: Vec<IpAddr>,
    /// Where `call` goes by UDP when it does not say
    #[arg(long, value_name = "ADDR")]
    pub(crate) exchange: Option<SocketAddr>,
    /// Print the ready line, and all that happens, as lines of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Proof {
    /// WWW-Authenticate
    #[value(name = "401")]
    Unauthorized,
    /// Proxy-Authenticate
    #[value(name = "407")]
    ProxyAuthentication,
}
