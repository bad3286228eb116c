//! `cargo xtask`: the commands of a developer's day.

mod bench;
mod cargo;
mod deb;
mod fuzz;
mod openapi;
mod run;
mod setup;
mod steps;
mod suite;
mod tally;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Sets up, runs, checks and tests WigWag.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what building and testing need, and this machine lacks
    Setup,
    /// Build WigWag and start it with a demo company
    Run {
        /// Arguments for `wigwag serve --demo`, such as --json, --data DIR, --http ADDR or --sip ADDR
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Format, lints, house rules and unit tests: a minute or two
    Check,
    /// Everything: check, scenarios, conformance, interop with other makers' phones, documentation, the API document
    Test,
    /// Measure what the released server's work costs; a whole run puts its figures into docs/benchmarks.md
    Bench {
        /// Do very little of everything, to see that it runs
        #[arg(long)]
        quick: bool,
        /// How long `soak` loads the server
        #[arg(long, default_value_t = 60)]
        minutes: u32,
        /// Only these kinds of work: start, registers, calls, rate, sound; or soak, which is everything at a time
        only: Vec<String>,
    },
    /// Let libFuzzer look for bytes that break a parser or the call machine; what it finds is kept and replayed by `test`
    Fuzz {
        /// How long in all
        #[arg(long, default_value_t = 10)]
        minutes: u32,
        /// Only these targets, such as message, header or call
        only: Vec<String>,
    },
    /// Build the Debian package of the released server
    Deb,
    /// Write the API document anew
    Openapi {
        /// Only say whether the committed one is still true
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        Command::Setup => setup::everything().map(|()| true),
        Command::Run { arguments } => run::demo(&arguments).map(|()| true),
        Command::Check => suite::check(),
        Command::Test => suite::test(),
        Command::Bench { minutes, only, .. } if only == ["soak"] => bench::soak(minutes).map(|()| true),
        Command::Bench { quick, only, .. } => bench::measure(quick, &only).map(|()| true),
        Command::Fuzz { minutes, only } => fuzz::search(minutes, &only),
        Command::Deb => deb::release().map(|()| true),
        Command::Openapi { check: false } => openapi::write().map(|()| true),
        Command::Openapi { check: true } => openapi::check().map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
