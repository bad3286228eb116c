//! `cargo xtask setup`: what a bare Debian lacks for building and testing.
//!
//! Rust and a C compiler are there already: without them nobody reads this. A need is proven by a file, so that a
//! machine that has everything is told so at once.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::{program, root, succeed};

/// A Debian package, a program that it brings, and what it is for.
struct Need {
    package: &'static str,
    program: &'static str,
    purpose: &'static str,
}

const FOR_RUNNING: &[Need] = &[
    Need {
        package: "cmake",
        program: "cmake",
        purpose: "builds the Opus codec",
    },
    Need {
        package: "make",
        program: "make",
        purpose: "builds the Opus codec",
    },
];

const FOR_TESTING: &[Need] = &[
    Need {
        package: "git",
        program: "git",
        purpose: "the house rules read the list of files from it",
    },
    Need {
        package: "baresip-core",
        program: "baresip",
        purpose: "a telephone by another maker, to call through us",
    },
    Need {
        package: "chromium",
        program: "chromium",
        purpose: "a browser with a telephone in it",
    },
    Need {
        package: "nodejs",
        program: "node",
        purpose: "drives the browser",
    },
    Need {
        package: "npm",
        program: "npm",
        purpose: "fetches what the browser's telephone is made of",
    },
    Need {
        package: "sip-tester",
        program: "sipp",
        purpose: "plays SIP messages written by hand",
    },
    Need {
        package: "postgresql",
        program: "initdb",
        purpose: "the second database; the tests start servers of their own",
    },
];

/// Where the telephone in the browser lives.
const BROWSER_PHONE: &str = "tests/interop/browser";

/// Parts of the Rust toolchain that a minimal installation lacks, by the program that each brings.
const COMPONENTS: &[(&str, &str)] = &[("rustfmt", "rustfmt"), ("clippy", "cargo-clippy")];

/// Installs what building, running and testing need, and says so.
pub(crate) fn everything() -> Result<()> {
    let installed_packages = install_packages(FOR_RUNNING.iter().chain(FOR_TESTING))?;
    let installed_components = install_components()?;
    let fetched_packages = fetch_browser_phone()?;
    if installed_packages || installed_components || fetched_packages {
        eprintln!("Setup is done: this machine has all that WigWag needs.");
    } else {
        eprintln!("Nothing to do: this machine has all that WigWag needs.");
    }
    Ok(())
}

/// Installs what building and running need; silent when nothing is missing.
pub(crate) fn for_running() -> Result<()> {
    install_packages(FOR_RUNNING).map(|_| ())
}

/// Installs what testing needs; silent when nothing is missing.
pub(crate) fn for_testing() -> Result<()> {
    install_packages(FOR_RUNNING.iter().chain(FOR_TESTING))?;
    fetch_browser_phone()?;
    for_checking()
}

/// Installs what format and lints need; silent when nothing is missing.
pub(crate) fn for_checking() -> Result<()> {
    install_components().map(|_| ())
}

fn install_packages<'a>(needs: impl IntoIterator<Item = &'a Need>) -> Result<bool> {
    let missing: Vec<&Need> = needs
        .into_iter()
        .filter(|need| find_program(need.program).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(false);
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    eprintln!("This machine lacks, by the names of Debian's packages:");
    for need in &missing {
        eprintln!("  {:14} {}", need.package, need.purpose);
    }
    let by_hand = format!(
        "apt-get update && apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    if find_program("apt-get").is_none() {
        bail!("there is no apt-get here: install the programs above in your system's own way (on Debian: {by_hand})");
    }
    let apt_get = Privilege::of_this_user().with_context(|| format!("run as root: {by_hand}"))?;
    eprintln!("Installing them with apt-get{}.", apt_get.explanation());
    if let Err(error) = succeed(apt_get.command().args(["-q", "update"])) {
        eprintln!("The package lists could not be refreshed ({error}); going on with those that are there.");
    }
    succeed(
        apt_get
            .command()
            .args(["-q", "-y", "install", "--no-install-recommends"])
            .args(&packages),
    )
    .with_context(|| format!("the packages could not be installed; run as root: {by_hand}"))?;
    Ok(true)
}

fn install_components() -> Result<bool> {
    let missing: Vec<&str> = COMPONENTS
        .iter()
        .filter(|(_, program)| !toolchain_has(program))
        .map(|(component, _)| *component)
        .collect();
    if missing.is_empty() {
        return Ok(false);
    }
    let by_hand = format!("rustup component add {}", missing.join(" "));
    eprintln!(
        "This Rust toolchain lacks {}. Installing with: {by_hand}",
        missing.join(" and ")
    );
    succeed(Command::new("rustup").args(["component", "add"]).args(&missing))
        .with_context(|| format!("run: {by_hand} (or install your system's packages for them)"))?;
    Ok(true)
}

/// Fetches what the telephone in the browser is made of, in the versions that its lock file names.
fn fetch_browser_phone() -> Result<bool> {
    let folder = root().join(BROWSER_PHONE);
    let fetched = folder.join("node_modules/.package-lock.json");
    let age = |path: &Path| path.metadata().and_then(|file| file.modified()).ok();
    if age(&fetched).is_some_and(|fetched| age(&folder.join("package-lock.json")).is_some_and(|lock| lock <= fetched)) {
        return Ok(false);
    }
    eprintln!("Fetching what the telephone in the browser is made of, in {BROWSER_PHONE}.");
    succeed(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(folder),
    )
    .with_context(|| format!("run: cd {BROWSER_PHONE} && npm ci"))?;
    Ok(true)
}

/// How this user may install packages.
enum Privilege {
    Root,
    /// Through sudo, which may ask for a password only where somebody can type it.
    Sudo {
        may_ask: bool,
    },
}

impl Privilege {
    fn of_this_user() -> Result<Privilege> {
        if is_root() {
            return Ok(Privilege::Root);
        }
        find_program("sudo").context("installing packages needs root, and there is no sudo here")?;
        Ok(Privilege::Sudo {
            may_ask: std::io::stdin().is_terminal(),
        })
    }

    fn explanation(&self) -> &'static str {
        match self {
            Privilege::Root => "",
            Privilege::Sudo { .. } => ", through sudo",
        }
    }

    fn command(&self) -> Command {
        let mut command = match self {
            Privilege::Root => Command::new("env"),
            Privilege::Sudo { may_ask } => {
                let mut sudo = Command::new("sudo");
                sudo.args((!may_ask).then_some("-n")).arg("env");
                sudo
            }
        };
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    }
}

#[cfg(target_os = "linux")]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;

    std::fs::metadata("/proc/self").is_ok_and(|ourselves| ourselves.uid() == 0)
}

#[cfg(not(target_os = "linux"))]
fn is_root() -> bool {
    false
}

/// Where the shell would find `program`; Debian keeps some in folders that only root's path has.
fn find_program(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/games".into()]);
    folders
        .chain(folders_of_postgresql())
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

/// Debian keeps a folder for each version of the database server.
fn folders_of_postgresql() -> impl Iterator<Item = PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin"))
}

/// Whether the toolchain of the cargo that runs us has `name`.
fn toolchain_has(name: &str) -> bool {
    program().with_file_name(name).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_every_system_is_found() {
        assert!(find_program("sh").is_some());
        assert!(find_program("there-is-no-such-program").is_none());
    }

    #[test]
    fn the_toolchain_has_the_cargo_that_runs_us() {
        assert!(toolchain_has("cargo"));
    }
}
