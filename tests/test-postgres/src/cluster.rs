//! A running server: started with its own data, stopped and gone when it is dropped.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::{Context, Result, bail, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

use crate::{programs::Programs, session, shared};

/// What the server says on standard error once it can be reached.
const READY: &str = "database system is ready to accept connections";
/// Nothing in here has to survive a power cut.
const CAREFREE: &str = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n";

/// A PostgreSQL server of its own.
#[derive(Debug)]
pub struct Cluster {
    programs: Programs,
    folder: TempDir,
    running: Option<Child>,
}

/// A certificate for connections over TCP, in PEM.
#[derive(Clone, Copy, Debug)]
pub struct Encryption<'a> {
    /// The certificate chain.
    pub certificate: &'a str,
    /// Its private key.
    pub key: &'a str,
}

impl Cluster {
    /// Starts a server that is reached through its socket only.
    ///
    /// # Errors
    /// What is missing on this machine.
    pub fn start() -> Result<Cluster> {
        let mut cluster = Cluster::prepared(CAREFREE)?;
        cluster.resume()?;
        let role = "CREATE ROLE wigwag LOGIN";
        session::say(&cluster.programs, cluster.folder.path(), "postgres", role)?;
        Ok(cluster)
    }

    /// Starts a server that is also reached over TCP with encryption, and gives its port there.
    ///
    /// # Errors
    /// What is missing on this machine.
    pub fn start_encrypted(encryption: Encryption<'_>) -> Result<(Cluster, u16)> {
        // The port may be taken by somebody quicker: then the server does not start, and the test says so.
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let settings = format!("{CAREFREE}listen_addresses = '127.0.0.1'\nport = {port}\nssl = on\n");
        let mut cluster = Cluster::prepared(&settings)?;
        for (name, text) in [("server.crt", encryption.certificate), ("server.key", encryption.key)] {
            let path = cluster.data().join(name);
            fs::write(&path, text)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
            cluster.programs.give(&path)?;
        }
        cluster.resume()?;
        Ok((cluster, port))
    }

    fn prepared(settings: &str) -> Result<Cluster> {
        let programs = Programs::find()?;
        let folder = TempDir::new().context("a temporary folder can be made")?;
        programs.give(folder.path())?;
        let cluster = Cluster {
            programs,
            folder,
            running: None,
        };
        let mut initdb = cluster.programs.command("initdb");
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        let output = initdb.arg("--pgdata").arg(cluster.data()).output()?;
        ensure!(
            output.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let socket = cluster.folder.path().display();
        let settings = format!("listen_addresses = ''\nunix_socket_directories = '{socket}'\n{settings}");
        let path = cluster.data().join("postgresql.auto.conf");
        fs::write(&path, settings).context("the settings can be written")?;
        Ok(cluster)
    }

    /// The folder of the socket, as [`crate::SHARED`] names it.
    #[must_use]
    pub fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// Makes a new database and gives its address.
    ///
    /// # Panics
    ///
    /// When the server makes none.
    #[must_use]
    pub fn database(&self) -> String {
        shared::create(&self.programs, self.folder.path())
    }

    /// Sends every client away and stops, as an administrator does.
    ///
    /// # Errors
    /// When it does not run.
    pub fn stop(&mut self) -> Result<()> {
        self.end(Signal::SIGINT)
    }

    /// Runs again after [`Cluster::stop`], with the same data.
    ///
    /// # Errors
    /// What the server says.
    pub fn resume(&mut self) -> Result<()> {
        let mut postgres: Command = self.programs.command("postgres");
        postgres.arg("-D").arg(self.data());
        let mut running = postgres.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut log = BufReader::new(running.stderr.take().context("the log is piped")?);
        self.running = Some(running);
        let (mut said, mut line) = (String::new(), String::new());
        while !line.contains(READY) {
            line.clear();
            if log.read_line(&mut line)? == 0 {
                bail!("PostgreSQL does not start:\n{said}");
            }
            said.push_str(&line);
        }
        // Nobody reads on, but the server must not wait for a reader either.
        thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Ok(())
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn end(&mut self, signal: Signal) -> Result<()> {
        let mut running = self.running.take().context("the server does not run")?;
        kill(Pid::from_raw(i32::try_from(running.id())?), signal)?;
        running.wait()?;
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may have been stopped before.
        let _ = self.end(Signal::SIGQUIT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_there_after_a_stop() {
        let mut cluster = Cluster::start().unwrap();
        let url = cluster.database();
        let name = url.split(['/', '?']).nth(3).unwrap().to_owned();
        let say = |cluster: &Cluster, statement: &str| {
            session::say(&cluster.programs, cluster.folder.path(), &name, statement).unwrap()
        };
        say(
            &cluster,
            "CREATE TABLE kept (value TEXT); INSERT INTO kept VALUES ('here')",
        );
        cluster.stop().unwrap();
        cluster.resume().unwrap();
        assert_eq!(say(&cluster, "SELECT value FROM kept"), "here");
    }
}
