//! The benchmarks of `cargo xtask bench`: they load a server over loopback, and say what it costs that server.

mod clock;
mod load;
mod process;
mod relay;
mod report;
mod scale;
mod server;
mod sipp;
mod work;

use std::{io::Write, path::PathBuf, time::Duration};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{report::Report, scale::Scale};

/// Measures what the server's work costs.
#[derive(Parser)]
struct CommandLine {
    #[command(subcommand)]
    other: Option<Other>,
    /// The server's program
    #[arg(long, default_value = "target/release/wigwag")]
    server: PathBuf,
    /// Do very little of everything, to see that it runs
    #[arg(long)]
    quick: bool,
    /// Only these kinds of work: start, tenants, registers, calls, rate, sound
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Put the table into this document
    #[arg(long)]
    write: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Other {
    /// Everything at a time, and then nothing may be left
    Soak {
        #[arg(long, default_value_t = 60)]
        minutes: u32,
    },
    /// The bare relay, for so many calls and seconds
    #[command(hide = true)]
    Relay { calls: u32, secs: u64 },
}

fn main() -> Result<()> {
    let command_line = CommandLine::parse();
    if let Some(Other::Relay { calls, secs }) = command_line.other {
        return relay::run(calls, Duration::from_secs(secs));
    }
    raise_open_files()?;
    let program = command_line.server;
    if let Some(Other::Soak { minutes }) = command_line.other {
        let length = Duration::from_secs(u64::from(minutes) * 60);
        return work::soak::run(&program, length, command_line.write.as_deref());
    }
    let scale = if command_line.quick {
        Scale::quick(program)
    } else {
        Scale::full(program)
    };
    let mut report = Report::default();
    work::all(&scale, &command_line.only, &mut report)?;
    writeln!(std::io::stdout(), "\n{}", report.text())?;
    if let Some(document) = &command_line.write {
        report.write(document)?;
    }
    Ok(())
}

/// Each call takes two sockets of ours.
fn raise_open_files() -> Result<()> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(())
}
