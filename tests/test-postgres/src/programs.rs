//! PostgreSQL's programs, run as somebody whom they accept.

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use nix::unistd::{Uid, User};

/// Where Debian keeps the servers, one folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Users that a server may run as when we are root, whom it refuses.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// The programs of one installed version.
#[derive(Debug)]
pub(crate) struct Programs {
    folder: PathBuf,
    /// Whom to become; nobody else when we are not root.
    user: Option<User>,
}

impl Programs {
    /// The newest version that is installed.
    pub(crate) fn find() -> Result<Programs> {
        let installed = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
        let mut debian: Vec<PathBuf> = installed.map(|version| version.path().join("bin")).collect();
        debian.sort();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folder = debian
            .into_iter()
            .rev()
            .chain(std::env::split_paths(&path))
            .find(|folder| folder.join("initdb").is_file())
            .context(
                "PostgreSQL is not installed, and this test needs it. Run: cargo xtask setup\n\
                 (or, as root: apt-get update && apt-get install --no-install-recommends postgresql)",
            )?;
        let user = if Uid::effective().is_root() {
            let mut users = UNPRIVILEGED
                .iter()
                .filter_map(|name| User::from_name(name).ok().flatten());
            Some(users.next().context("there is no user to run PostgreSQL as")?)
        } else {
            None
        };
        Ok(Programs { folder, user })
    }

    /// Gives `path` to the user whom the programs run as.
    pub(crate) fn give(&self, path: &Path) -> Result<()> {
        if let Some(user) = &self.user {
            chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        }
        Ok(())
    }

    /// `program`, run as that user.
    pub(crate) fn command(&self, program: &str) -> Command {
        let program = self.folder.join(program);
        match &self.user {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command
                    .arg(format!("--reuid={}", user.uid))
                    .arg(format!("--regid={}", user.gid))
                    .arg("--clear-groups")
                    .arg(program);
                command
            }
        }
    }
}
