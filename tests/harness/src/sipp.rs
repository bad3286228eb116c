//! sipp plays a scenario: SIP messages written by hand, and what has to come back.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::patience::PATIENCE;
use crate::peer::require_peer;
use crate::ports::HeldPort;
use crate::process::Process;

/// A scenario that is ready to be played.
#[derive(Debug)]
pub struct Sipp {
    scenario: PathBuf,
    target: SocketAddr,
    tcp: bool,
    calls: u32,
    fields: Vec<String>,
    authenticates_for: Option<String>,
}

/// How a scenario went.
#[derive(Debug)]
pub struct SippOutcome {
    /// Whether every call went as written.
    pub succeeded: bool,
    /// What went wrong, in sipp's words.
    pub errors: String,
    /// The messages that were sent and received.
    pub messages: String,
}

impl Sipp {
    /// Plays the scenario file at `scenario` towards `target`, once, over UDP.
    #[must_use]
    pub fn scenario(scenario: &Path, target: SocketAddr) -> Sipp {
        Sipp {
            scenario: scenario.to_owned(),
            target,
            tcp: false,
            calls: 1,
            fields: Vec::new(),
            authenticates_for: None,
        }
    }

    /// Plays it over a connection.
    #[must_use]
    pub fn over_tcp(mut self) -> Sipp {
        self.tcp = true;
        self
    }

    /// Plays it so many times, one after another.
    #[must_use]
    pub fn times(mut self, calls: u32) -> Sipp {
        self.calls = calls;
        self
    }

    /// The next of the values that the scenario calls `[field0]`, `[field1]`, ….
    #[must_use]
    pub fn field(mut self, value: &str) -> Sipp {
        self.fields.push(value.to_owned());
        self
    }

    /// A field with which sipp answers the digest challenge of a request for `sip:` and `target`.
    #[must_use]
    pub fn credentials(mut self, username: &str, password: &str, target: &str) -> Sipp {
        self.authenticates_for = Some(target.to_owned());
        self.field(&format!("[authentication username={username} password={password}]"))
    }

    /// Plays the scenario to its end.
    pub async fn play(self) -> SippOutcome {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let file = |name: &str| folder.path().join(name);
        let fields = format!("SEQUENTIAL\n{}\n", self.fields.join(";"));
        std::fs::write(file("fields.csv"), fields).expect("the folder can be written");
        let mut command = self.command(&folder);
        let mut process = Process::start("sipp", &mut command);
        let status = process.ended().await;
        let read = |name: &str| std::fs::read_to_string(file(name)).unwrap_or_default();
        let errors = if status.success() {
            String::new()
        } else {
            read("errors.log") + &process.last_words()
        };
        SippOutcome {
            succeeded: status.success(),
            errors,
            messages: read("messages.log"),
        }
    }

    fn command(&self, folder: &TempDir) -> Command {
        let file = |name: &str| folder.path().join(name);
        let ip = bracketed(self.target.ip());
        let port = HeldPort::sip(self.target.ip()).release().port().to_string();
        let mut command = Command::new(require_peer("sipp"));
        command
            .current_dir(folder.path())
            .arg(self.target.to_string())
            .arg("-sf")
            .arg(&self.scenario);
        if !self.fields.is_empty() {
            command.arg("-inf").arg(file("fields.csv"));
        }
        command.args([
            "-i",
            &ip,
            "-p",
            &port,
            "-mi",
            &ip,
            "-t",
            if self.tcp { "t1" } else { "u1" },
        ]);
        command.args(["-m", &self.calls.to_string(), "-l", "1", "-r", "10", "-nostdin"]);
        if let Some(target) = &self.authenticates_for {
            // Without it sipp writes the address that it sends to, whatever the request is for.
            command.args(["-auth_uri", target]);
        }
        command.args(["-timeout", &PATIENCE.as_secs().to_string(), "-timeout_error"]);
        command.arg("-trace_err").arg("-error_file").arg(file("errors.log"));
        command.arg("-trace_msg").arg("-message_file").arg(file("messages.log"));
        // sipp draws its screen for a terminal of its own.
        command.env("TERM", "dumb");
        command
    }
}

impl SippOutcome {
    /// Fails the test, with all that sipp has to say, when a call did not go as written.
    pub fn expect_success(self) {
        assert!(
            self.succeeded,
            "the scenario went wrong\n{}\n{}",
            self.errors, self.messages
        );
    }
}

fn bracketed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
